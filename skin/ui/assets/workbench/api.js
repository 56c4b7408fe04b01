// The server's REST addresses, called with the page's own cookie; the header is what another site cannot send.
export class Trouble extends Error {
  // `code` is the server's, or "offline" where there was no answer at all.
  constructor(code, message, status = 0) {
    super(message);
    Object.assign(this, { code, status });
  }
}

const OFFLINE = "The server cannot be reached: what you did is kept on this device.";
const KEEPALIVE_LIMIT = 60_000; // browsers refuse a longer body once the page is being left

async function ask(path, { method = "GET", body, keepalive = false } = {}) {
  const headers = { "X-Requested-With": "skin" };
  if (typeof body === "string") headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/annotation${path}`, {
      method, headers, body, cache: "no-store", credentials: "same-origin",
      keepalive: keepalive && (body?.length ?? 0) < KEEPALIVE_LIMIT,
    });
  } catch {
    throw new Trouble("offline", OFFLINE);
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Trouble(problem.code ?? "internal_error", problem.detail ?? "Something went wrong: try again.", answer.status);
}

const json = async (...request) => {
  const answer = await ask(...request);
  return answer.status === 204 ? null : answer.json();
};
const send = (path, method, value, more = {}) => json(path, { method, body: JSON.stringify(value), ...more });

export const api = {
  listProjects: () => json("/projects"),
  getProject: (id) => json(`/projects/${id}`),
  createProject: (values) => send("/projects", "POST", values),
  changeProject: (id, values) => send(`/projects/${id}`, "PATCH", values),
  listAnnotators: (id) => json(`/projects/${id}/annotators`),
  getProgress: (id) => json(`/projects/${id}/progress`),
  addPicture: (id, form) => json(`/projects/${id}/items`, { method: "POST", body: form }),
  takeNext: (id) => json(`/projects/${id}/next`, { method: "POST" }),
  listMine: (id, limit = 20) => json(`/projects/${id}/mine?limit=${limit}`),
  getTask: (id) => json(`/assignments/${id}`),
  getZones: (item) => json(`/items/${item}/zones`),
  saveDraft: (id, work, more) => send(`/assignments/${id}/draft`, "PUT", work, more),
  submit: (id, work) => send(`/assignments/${id}/submit`, "POST", work),
  skip: (id, reason) => send(`/assignments/${id}/skip`, "POST", { reason }),
  correct: (id, work) => send(`/assignments/${id}/answer`, "PUT", work),
  getAgreement: (id, by) => json(`/projects/${id}/agreement?by=${by}`),
  listDisagreements: (id, steps, limit) => json(`/projects/${id}/disagreements?steps=${steps}&limit=${limit}`),
  getAnswers: (item) => json(`/items/${item}/answers`),
  decide: (item, label) => send(`/items/${item}/final`, "PUT", { label }),
  listSnapshots: (id) => json(`/projects/${id}/snapshots`),
  makeSnapshot: (id, wanted) => send(`/projects/${id}/snapshots`, "POST", wanted),
  importLabels: (id, format, form) => json(`/projects/${id}/labels?format=${format}`, { method: "POST", body: form }),
  undo: (item) => json(`/items/${item}/final`, { method: "DELETE" }),
};

export async function loadPicture(path) {
  const answer = await ask(path.replace(/^\/api\/annotation/, ""));
  return createImageBitmap(await answer.blob());
}

// For the whole page: local times, erased photos, and a sign-in that lives as long as the page is looked at.
// The page's language, as the browser writes its dates if it knows a variant of it.
const { lang } = document.documentElement;
const spoken = navigator.languages.find((one) => one.split("-")[0] === lang) || lang;
const FORMS = { "": { dateStyle: "medium", timeStyle: "short" }, time: { timeStyle: "short" }, day: { dateStyle: "medium" } };
const localise = () => {
  for (const one of document.querySelectorAll("[data-local]")) {
    const { local, when, told } = one.dataset; // in a drawing, where no <time> may stand: `when`, and what a point tells
    const said = new Date(when ?? one.dateTime).toLocaleString(spoken, FORMS[local]);
    if (told) one.setAttribute("aria-label", `${said}: ${told}`);
    else one.textContent = said;
    one.removeAttribute("data-local");
  }
};
localise();
new MutationObserver(localise).observe(document.documentElement, { childList: true, subtree: true });

async function stay() {
  if (document.visibilityState !== "visible") return;
  try {
    const answer = await fetch("/session", { cache: "no-store" });
    const leave = () => document.dispatchEvent(new Event("signed-out", { cancelable: true })); // unless work would be lost
    if (answer.status === 401 && leave()) location.assign("/signin");
  } catch { /* offline: the next time will tell */ }
}
document.addEventListener("visibilitychange", stay);
setInterval(stay, 240000);

// Builds a final label from answers and choices; knows nothing of the page.
// A part is a field of the label, its quality flags or its marks; a choice is {answer: place} or {value}.
export const EXTRA = ["quality_flags", "regions"];

export function valueOf(label, part) {
  if (part === "quality_flags") return [...label.quality_flags].sort();
  if (part === "regions") return label.regions;
  if (part === "skin_type" || part === "monk") return label[part];
  return label.concerns[part]?.grade ?? null;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

export function differs(answers, part) {
  return answers.some((answer) => !same(valueOf(answer.label, part), valueOf(answers[0].label, part)));
}

export function buildLabel(answers, concerns, choices) {
  const chosen = (part) => {
    const choice = choices[part] ?? { answer: 0 };
    return choice.answer === undefined ? choice.value : valueOf(answers[choice.answer].label, part);
  };
  const label = { skin_type: chosen("skin_type"), monk: chosen("monk"), concerns: {} };
  for (const part of EXTRA) label[part] = chosen(part);
  for (const concern of concerns) {
    const grade = chosen(concern);
    if (grade !== null) label.concerns[concern] = { grade, zones: grade ? zonesOf(answers, concern, choices[concern]) : [] };
  }
  const seconds = answers.filter(({ label: one }) => one.monk === label.monk && one.monk_second).map(({ label: one }) => one.monk_second);
  if (seconds.length) label.monk_second = seconds[0];
  return label;
}

// The chosen answer's zones; where everybody gave the grade, or nobody, those that anybody named.
function zonesOf(answers, concern, choice) {
  const named = choice?.answer === undefined ? answers : [answers[choice.answer]];
  return [...new Set(named.flatMap(({ label }) => label.concerns[concern]?.zones ?? []))];
}

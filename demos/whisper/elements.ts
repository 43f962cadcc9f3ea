/** The page's elements by id, each of the type that index.html gives it. */
const types = {
  controls: HTMLFormElement,
  sample: HTMLAudioElement,
  file: HTMLInputElement,
  device: HTMLSelectElement,
  threads: HTMLSelectElement,
  language: HTMLSelectElement,
  task: HTMLSelectElement,
  hint: HTMLParagraphElement,
  start: HTMLButtonElement,
  cancel: HTMLButtonElement,
  status: HTMLSpanElement,
  detail: HTMLSpanElement,
  progress: HTMLProgressElement,
  error: HTMLParagraphElement,
  text: HTMLParagraphElement,
  copy: HTMLButtonElement,
  receipt: HTMLElement,
  "receipt-rows": HTMLElement,
} as const;

export type Elements = { readonly [Id in keyof typeof types]: InstanceType<(typeof types)[Id]> };

export function findElements(): Elements {
  const entries = Object.entries(types).map(([id, type]) => {
    const element = document.getElementById(id);
    if (!(element instanceof type)) throw new Error(`index.html has no #${id} of ${type.name}`);
    return [id, element] as const;
  });
  return Object.fromEntries(entries) as unknown as Elements;
}

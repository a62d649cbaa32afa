/** One line of trouble, said aloud to screen readers; it goes away by itself unless it must stay. */
import { Away, Refused } from "./api";
import { byId } from "./dom";
import { t } from "./i18n";

let timer = 0;
let sticky = false;

export function toast(text: string, stay = false): void {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  sticky = stay;
  clearTimeout(timer);
  if (!stay) timer = window.setTimeout(hideToast, 6000);
}

export function hideToast(): void {
  byId("toast").hidden = true;
  sticky = false;
}

/** The server is back: takes away what stayed because it was not. */
export function hideSticky(): void {
  if (sticky) hideToast();
}

/** Says what went wrong; a request that was given up on purpose is silent. */
export function tell(error: unknown, stay = false): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof Away) toast(t("away"), stay);
  else if (error instanceof Refused) toast(t("refused", { text: error.message }));
  else toast(String(error));
}

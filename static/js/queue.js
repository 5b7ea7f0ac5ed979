/* Keys of the queue. Everything works without them: each presses what is on the page. They can be turned off, and are
   never read while somebody types (WCAG 2.1.4). */
(() => {
  "use strict";
  const OFF = "portal.keys-off";
  const dialog = document.querySelector("#keys");
  const opener = document.querySelector("[data-keys-open]");
  const off = document.querySelector("[data-keys-off]");
  if (!dialog || !opener || !off) return;

  const remembered = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  off.checked = remembered();
  off.addEventListener("change", () => { try { localStorage.setItem(OFF, off.checked ? "1" : ""); } catch { /* not kept */ } });
  opener.hidden = false;
  opener.addEventListener("click", () => dialog.showModal());

  const isTyping = (target) => Boolean(target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]"));

  const press = (target) => {
    if (target.tagName !== "SUMMARY") { target.click(); return; }
    const details = target.parentElement;
    details.open = true;
    const first = details.querySelector("form[method=post] :is(input:checked, input[type=radio], textarea)");
    (first || target).focus();
    requestAnimationFrame(() => details.scrollIntoView({ block: "nearest" }));
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest("form[method=post]");
      if (form && document.querySelector("#review")?.contains(form)) { event.preventDefault(); form.requestSubmit(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
    if (off.checked || dialog.open || isTyping(event.target)) return;
    if (event.key === "?" || event.key === "؟") { event.preventDefault(); dialog.showModal(); return; }
    /* On a keyboard of another script, the key where the letter is on a Latin one. */
    const key = /^[a-z]$/.test(event.key) ? event.key : /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
    const target = key && document.querySelector(`[data-key="${key}"]`);
    if (target) { event.preventDefault(); press(target); }
  });
})();

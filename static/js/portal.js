/* Makes pages quicker and quieter where scripts run; nothing works through this file alone. */
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);

  /* Says something to screen readers without moving anybody. */
  const say = (text) => {
    const announcer = $("#announcer");
    if (!announcer || !text) return;
    announcer.textContent = "";
    setTimeout(() => { announcer.textContent = text; }, 60);
  };

  /* Theme: shown at once, remembered by the same form that works without scripts. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-theme-form]") || event.submitter?.name !== "theme") return;
    event.preventDefault();
    const chosen = event.submitter;
    const send = () => {
      const body = new FormData(form);
      body.append("theme", chosen.value);
      return fetch(form.action, { method: "POST", body, redirect: "manual" });
    };
    document.documentElement.dataset.bsTheme = chosen.value;
    const scheme = $('meta[name="color-scheme"]');
    if (scheme) scheme.content = chosen.value === "auto" ? "light dark" : chosen.value;
    mark(form, chosen);
    form.closest("[popover]")?.hidePopover();
    send().catch(() => trouble("offline"));
  });

  /* Moves the tick, and gives the menu's button the icon of what was chosen. */
  const mark = (form, chosen) => {
    const before = $("[aria-current]", form);
    const tick = before?.querySelector(".icon:last-child");
    before?.removeAttribute("aria-current");
    chosen.setAttribute("aria-current", "true");
    if (tick && before !== chosen) chosen.append(tick);
    const button = $(`[popovertarget="${form.closest("[popover]")?.id}"] .icon use`);
    const icon = $(".icon use", chosen)?.getAttribute("href");
    if (button && icon) button.setAttribute("href", icon);
  };

  /* <details> close on Escape, as popovers do by themselves. */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = event.target.closest?.("details[open]");
    if (!open || event.target.matches("input, textarea, select")) return;
    open.open = false;
    $("summary", open)?.focus();
  });

  /* "Are you sure" for buttons that ask; the same button is pressed again after a yes. */
  let agreed = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-confirm]");
    if (!button || button === agreed) { agreed = null; return; }
    const dialog = $("#confirm");
    if (!dialog?.showModal) return;
    event.preventDefault();
    event.stopPropagation();
    $("#confirm-question").textContent = button.dataset.confirm;
    const yes = $("[data-confirm-yes]", dialog);
    yes.textContent = button.textContent.trim();
    yes.className = button.classList.contains("btn-danger") ? "btn btn-danger" : "btn btn-primary";
    dialog.returnValue = "no";
    dialog.addEventListener("close", () => {
      if (dialog.returnValue === "yes") { agreed = button; button.click(); } else button.focus();
    }, { once: true });
    dialog.showModal();
  }, true);

  /* Text areas grow with their text where the browser does not do so by itself. */
  if (!CSS.supports("field-sizing", "content")) {
    document.addEventListener("input", ({ target }) => {
      if (!target.matches("textarea")) return;
      target.style.blockSize = "auto";
      target.style.blockSize = `${Math.min(target.scrollHeight + 2, innerHeight * 0.7)}px`;
    });
  }
  /* The facts of a record stay open beside it in browsers that cannot be told so by a stylesheet. */
  if (!CSS.supports("selector(::details-content)") && matchMedia("(min-width: 60rem)").matches) {
    document.querySelectorAll(".record-facts").forEach((facts) => { facts.open = true; });
  }

  /* The navigation scrolls on a phone: bring the current page into view, without moving the page. */
  document.querySelectorAll(".site-nav, .tabs").forEach((nav) => {
    const current = $("[aria-current]", nav);
    if (!current || nav.scrollWidth <= nav.clientWidth) return;
    const [outer, inner] = [nav.getBoundingClientRect(), current.getBoundingClientRect()];
    nav.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  });

  /* A form that is sent twice by a nervous finger is sent once. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

  /* ── htmx ────────────────────────────────────────────────────────────────────────────────────────────────── */
  const trouble = (kind) => {
    const box = $("#trouble");
    if (!box) return;
    box.querySelectorAll("[data-trouble]").forEach((line) => { line.hidden = line.dataset.trouble !== kind; });
    box.hidden = false;
  };
  const quiet = () => { const box = $("#trouble"); if (box) box.hidden = true; };
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-close-trouble]")) quiet(); });
  /* A poll that fails once is no news; somebody's own action that fails is. */
  const isPoll = (event) => Boolean(event.detail.elt?.matches?.('[hx-trigger*="every"]'));
  document.addEventListener("htmx:sendError", () => trouble("offline"));
  document.addEventListener("htmx:timeout", () => trouble("offline"));
  document.addEventListener("htmx:responseError", (event) => { if (!isPoll(event)) trouble("failed"); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) quiet(); });

  /* What is half typed in one composer outlives what another form of the page does. */
  let drafts = [];
  const draftsIn = (target, sender) => [...(target?.querySelectorAll(".composer[id]") ?? [])]
    .filter((composer) => !composer.contains(sender) && [...composer.querySelectorAll("textarea, input[type=file]")].some((field) => field.value))
    .map((composer) => ({ id: composer.id, fields: [...composer.querySelectorAll("textarea, select, input[type=checkbox], input[type=file]")] }));
  const restore = (draft) => {
    const composer = document.getElementById(draft.id);
    if (composer?.matches("details")) composer.open = true;
    draft.fields.forEach((old) => {
      const same = `[name="${CSS.escape(old.name)}"]` + (old.type === "checkbox" ? `[value="${CSS.escape(old.value)}"]` : "");
      const field = composer?.querySelector(same);
      if (!field) return;
      if (old.type === "file") field.files = old.files;
      else if (old.type === "checkbox") field.checked = old.checked;
      else if (old.type === "textarea" || [...field.options].some((option) => option.value === old.value)) field.value = old.value;
    });
    /* Told once, when all stand as they stood: who sees this, and the list of files. */
    ["[name=audience]", "input[type=file]"].forEach((kind) => composer?.querySelector(kind)?.dispatchEvent(new Event("change", { bubbles: true })));
  };

  /* Focus survives a swap: on the same control if it is still there, on the first error of a refused form. */
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    /* An error page of ours says where its words belong; what a proxy answers is never swapped in. */
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
    drafts = event.detail.shouldSwap ? draftsIn(event.detail.target, event.detail.requestConfig?.elt) : [];
    const active = document.activeElement;
    focused = active?.id && event.detail.target?.contains(active) ? { id: active.id, at: active.selectionStart } : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    drafts.forEach(restore);
    drafts = [];
    const summary = $("#error-summary", event.detail.elt);
    if (summary) summary.focus();
    else if (focused) {
      const again = document.getElementById(focused.id);
      again?.focus({ preventScroll: true });
      if (again && focused.at !== null && focused.at !== undefined) again.setSelectionRange?.(focused.at, focused.at);
    }
    focused = null;
    const roots = [event.detail.elt, ...event.detail.elt.querySelectorAll("[data-announce]")];
    say(roots.map((element) => element.dataset?.announce).filter(Boolean).join(" "));
  });
})();

/* File pickers: drag, drop and paste, with the list of what will be sent. Without this file the browser's control does. */
(() => {
  "use strict";
  const kinds = /^image\/(png|jpeg|gif|webp|avif)$/;

  const show = (picker, input) => {
    const list = picker.querySelector("[data-file-list]");
    list.replaceChildren(...[...input.files].map((file, index) => line(picker, input, file, index)));
    list.hidden = input.files.length === 0;
  };

  const line = (picker, input, file, index) => {
    const item = document.createElement("li");
    item.append(picture(file), name(file), remover(picker, input, file, index));
    return item;
  };

  const picture = (file) => {
    if (!kinds.test(file.type)) {
      const kind = document.createElement("span");
      kind.className = "file-kind";
      kind.ariaHidden = "true";
      kind.textContent = file.name.includes(".") ? file.name.split(".").pop().slice(0, 4).toUpperCase() : "…";
      return kind;
    }
    const image = document.createElement("canvas");
    image.width = image.height = 88;
    image.ariaHidden = "true";
    /* Drawn small: the page's policy allows no blob: addresses, and a whole picture as data: would be heavy. */
    createImageBitmap(file).then((bitmap) => {
      const side = Math.min(bitmap.width, bitmap.height);
      const [x, y] = [(bitmap.width - side) / 2, (bitmap.height - side) / 2];
      image.getContext("2d").drawImage(bitmap, x, y, side, side, 0, 0, 88, 88);
      bitmap.close();
    }).catch(() => {});
    return image;
  };

  const name = (file) => {
    const text = document.createElement("bdi");
    text.className = "file-name";
    text.textContent = text.title = file.name;
    return text;
  };

  const remover = (picker, input, file, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-quiet btn-sm";
    button.textContent = "×";
    button.ariaLabel = picker.dataset.textRemove.replace("{name}", file.name);
    button.addEventListener("click", () => {
      keep(input, [...input.files].filter((_, other) => other !== index));
      show(picker, input);
      (picker.querySelector("[data-file-list] button") ?? input).focus();
    });
    return button;
  };

  const keep = (input, files) => {
    const bag = new DataTransfer();
    files.forEach((file) => bag.items.add(file));
    input.files = bag.files;
  };

  const add = (picker, files) => {
    const input = picker.querySelector("input[type=file]");
    keep(input, [...input.files, ...files]);
    show(picker, input);
    const announcer = document.getElementById("announcer");
    if (announcer) announcer.textContent = picker.dataset.textAdded.replace("{name}", [...files].map((file) => file.name).join(", "));
  };

  const prepare = (root) => root.querySelectorAll("[data-file-picker]").forEach((picker) => {
    picker.classList.add("is-ready");
    picker.querySelector("[data-file-drop]").hidden = false;
  });

  document.addEventListener("click", ({ target }) => {
    target.closest?.("[data-file-drop]")?.closest("[data-file-picker]").querySelector("input[type=file]").click();
  });
  document.addEventListener("change", ({ target }) => {
    const picker = target.closest?.("[data-file-picker]");
    if (picker) show(picker, target);
  });
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (event) => (carriesFiles(event) ? event.target.closest?.("form")?.querySelector("[data-file-picker]") : null);
  document.addEventListener("dragover", (event) => {
    const picker = over(event);
    document.querySelectorAll(".is-over").forEach((other) => { if (other !== picker) other.classList.remove("is-over"); });
    if (!picker) return;
    event.preventDefault();
    picker.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.querySelectorAll(".is-over").forEach((picker) => picker.classList.remove("is-over"));
  });
  document.addEventListener("drop", (event) => {
    const picker = over(event);
    document.querySelectorAll(".is-over").forEach((other) => other.classList.remove("is-over"));
    if (!picker) return;
    event.preventDefault();
    add(picker, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const files = event.clipboardData?.files;
    const picker = event.target.closest?.("form")?.querySelector("[data-file-picker]");
    if (!picker || !files?.length) return;
    event.preventDefault();
    add(picker, files);
  });
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  prepare(document);
})();

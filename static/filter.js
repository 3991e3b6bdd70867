// Updates the filter without page reloads: type-ahead (the ARIA combobox pattern) and chips. Without this
// script, the form works with its "Apply" button, and all links lead to the same results.
"use strict";

const form = document.getElementById("filter");
let timer;

function apply(delay = 0) {
  clearTimeout(timer);
  timer = setTimeout(() => form.requestSubmit(), delay);
}

// -- Type-ahead ---------------------------------------------------------------------------------------

class Combobox {
  constructor(facet) {
    this.name = facet.dataset.facet;
    this.input = facet.querySelector("[role=combobox]");
    this.list = facet.querySelector("[role=listbox]");
    this.box = facet.querySelector(".box");
    this.active = null;
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus in the field
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("[data-value]")));
    this.list.addEventListener("htmx:afterSwap", () => this.open());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get options() {
    return [...this.list.querySelectorAll("[data-value]")];
  }

  lookUp() {
    htmx.trigger(this.input, "look-up");
  }

  open() {
    if (document.activeElement !== this.input) return;
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.activate(null);
  }

  close() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.activate(null);
  }

  activate(option) {
    this.active?.setAttribute("aria-selected", "false");
    this.active = option;
    if (!option) return this.input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  move(step) {
    const options = this.options;
    if (!this.isOpen) return this.lookUp();
    const from = this.active ? options.indexOf(this.active) : step > 0 ? -1 : 0;
    this.activate(options.at((from + step) % options.length) ?? null);
  }

  // Adds a chip with its value. The server renders the chip again with the results.
  choose(option) {
    if (!option) return;
    const chip = document.createElement("li");
    const value = Object.assign(document.createElement("input"), { type: "hidden", name: this.name });
    value.value = option.dataset.value;
    chip.className = "chip";
    chip.append(value, option.dataset.label);
    this.box.querySelector(".chips").append(chip);
    this.input.value = "";
    this.close();
    apply();
  }

  remove(chip) {
    chip?.remove();
    this.input.focus();
    apply();
  }

  clicked(event) {
    const link = event.target.closest(".chip a");
    if (link) {
      event.preventDefault();
      this.remove(link.closest(".chip"));
    } else {
      this.input.focus();
      this.lookUp();
    }
  }

  pressed(event) {
    const keys = {
      ArrowDown: () => this.move(1),
      ArrowUp: () => this.move(-1),
      Enter: () => (this.isOpen ? this.choose(this.active ?? this.options[0]) : this.lookUp()),
      Escape: () => (this.isOpen ? this.close() : (this.input.value = "")),
    };
    if (event.key === "Backspace" && !this.input.value) {
      this.remove(this.box.querySelector(".chip:last-child"));
    } else if (event.key in keys && !event.isComposing) {
      event.preventDefault();
      keys[event.key]();
    }
  }
}

// -- Dates --------------------------------------------------------------------------------------------

function setDates(after, before) {
  form.elements.dateAfter.value = after;
  form.elements.dateBefore.value = before;
}

// Whether both dates are complete or both are empty. A date that is still being typed is not applied yet.
function areDatesWhole() {
  const dates = [form.elements.dateAfter, form.elements.dateBefore];
  const filled = dates.filter((input) => input.value > "1000");
  return filled.length === 2 || dates.every((input) => !input.value && !input.validity.badInput);
}

// -- Search -------------------------------------------------------------------------------------------

let searchedText = form?.elements.text.value;

// Enter also submits the form: the same text is not searched for twice.
function search() {
  if (form.elements.text.value !== searchedText) apply(100);
}

if (form) {
  for (const facet of form.querySelectorAll(".facet")) new Combobox(facet);
  form.addEventListener("change", (event) => {
    if (event.target.type === "date" && areDatesWhole()) apply(400);
    if (event.target.type === "search") search();
  });
  form.elements.text.addEventListener("search", search); // emptied with the field's own button
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    searchedText = form.elements.text.value;
  });
  // Presets and chart bars set the dates. Clicking the bar that is already selected clears them.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-after]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { after, before } = link.dataset;
    const isChosen = form.elements.dateAfter.value === after && form.elements.dateBefore.value === before;
    setDates(isChosen ? "" : after, isChosen ? "" : before);
    apply();
  });
}

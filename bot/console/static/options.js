// A list of options beside an input: the arrows move, Enter takes, Esc leaves; the focus stays in the input.
export class Options {
  constructor(list, input, taken) {
    Object.assign(this, { list, input, taken, at: -1, asked: 0, wanted: false });
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the input keeps the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(option);
    });
  }

  get all() { return [...this.list.querySelectorAll("[role=option]:not([hidden])")]; }
  get isOpen() { return !this.list.hidden && this.all.length > 0; }

  async ask(url) { // what comes late to an older question is not shown
    const number = ++this.asked;
    this.wanted = true;
    const response = await fetch(url, { headers: { Accept: "text/html" } });
    if (number !== this.asked || !response.ok) return;
    this.show(new DOMParser().parseFromString(await response.text(), "text/html").querySelectorAll("[role=option]"));
  }

  show(options) {
    this.list.replaceChildren(...options);
    this.all.forEach((option, at) => { option.id = `${this.list.id}-${at}`; });
    this.list.hidden = !this.all.length;
    this.mark(this.all.length ? 0 : -1);
  }

  close() {
    this.asked += 1;
    this.wanted = false;
    this.list.hidden = true;
    this.list.replaceChildren();
    this.mark(-1);
  }

  mark(at) {
    this.at = at;
    this.all.forEach((option, each) => option.setAttribute("aria-selected", String(each === at)));
    const marked = this.all[at];
    if (marked) { this.input.setAttribute("aria-activedescendant", marked.id); marked.scrollIntoView({ block: "nearest" }); }
    else this.input.removeAttribute("aria-activedescendant");
  }

  take(option) { this.close(); this.taken(option); }

  handles(event) { // whether the key was for the list
    if (!this.isOpen || event.isComposing || event.keyCode === 229) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark((this.at + step + this.all.length) % this.all.length);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") this.take(this.all[Math.max(0, this.at)]);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

// @ts-check
"use strict";
/**
 * Who waits for whom, as a forest from left to right: those who wait for nobody stand left, the rest right of the first in
 * their way. Cards are elements, so that they can be read out, tabbed to and selected; only the lines are drawn. A card that
 * stays keeps its element, and glides if it has to move.
 *
 * @typedef {{id: number, user: string, name: string, state: string, since: number|null, sql: string,
 *   thread: string, tno: number|null, rows: number, line: number, branch: string, waits: null|{to: number, text: string, kind: string, millis: number, others: number[]}}} Node
 * @typedef {{at: number, nodes: Map<number, Node>}} Model
 */
Watch.Graph = class {
  /** @param {(session: number) => void} choose called with the session whose card is clicked */
  constructor(choose) {
    const { h, s } = Watch;
    this.choose = choose;
    this.arrow = "arrow-" + (Watch.Graph.made = (Watch.Graph.made || 0) + 1);
    /** @type {Map<number, HTMLElement>} */
    this.cards = new Map();
    this.lines = s("svg", { class: "lines", "aria-hidden": "true" });
    this.field = h("div.field", {}, this.lines);
    this.text = h("pre", {});
    this.element = h("div.graph", { onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e) }, this.field,
      h("details.astext", {}, h("summary", {}, "As text"), this.text));
    /** @type {number|null} */
    this.chosen = null;
  }

  static CARD = { width: 300, height: 104, gap: 14, across: 76, least: 40 };
  static CHIP = { width: 52, height: 28, gap: 6, columns: 10 };
  /** So many of those who wait for one and hold up nobody have cards; the rest are chips. */
  static leaves(/** @type {number} */ cards) {
    return cards <= 10 ? 6 : cards <= 60 ? 2 : 1;
  }

  /** @param {Model} model @returns {number} how many cards there are */
  show(model) {
    const forest = this.forest(model);
    const width = this.element.clientWidth || 1200;
    const placed = this.place(forest, width);
    this.draw(model, placed);
    this.text.textContent = this.asText(forest, model);
    return placed.cards.length;
  }

  /** @param {Model} model */
  forest(model) {
    /** @type {Map<number, number[]>} */
    const children = new Map();
    const roots = new Set();
    for (const node of model.nodes.values()) {
      if (!node.waits) continue;
      const above = children.get(node.waits.to) || [];
      above.push(node.id);
      children.set(node.waits.to, above);
    }
    for (const id of children.keys()) {
      let top = id;
      const seen = new Set();
      for (let node = model.nodes.get(top); node && node.waits && !seen.has(top); node = model.nodes.get(top)) {
        seen.add(top);
        top = node.waits.to;
      }
      roots.add(top);
    }
    for (const node of model.nodes.values()) if (node.line && !node.waits) roots.add(node.id);
    const waited = (/** @type {number} */ id) => model.nodes.get(id)?.waits?.millis || 0;
    for (const list of children.values()) list.sort((a, b) => waited(b) - waited(a) || a - b);
    return { children, roots: [...roots].sort((a, b) => a - b) };
  }

  /** How many stand behind each other, at most. @param {{children: Map<number, number[]>, roots: number[]}} forest */
  deepest(forest) {
    const depths = new Map(forest.roots.map((root) => [root, 0]));
    // What is added while one goes through is gone through as well.
    for (const [id, depth] of depths) for (const child of forest.children.get(id) || []) if (!depths.has(child)) depths.set(child, depth + 1);
    return Math.max(1, ...depths.values());
  }

  /** @param {{children: Map<number, number[]>, roots: number[]}} forest @param {number} width */
  place(forest, width) {
    const { CARD, CHIP } = Watch.Graph;
    const narrow = width < 620;
    const most = Watch.Graph.leaves([...forest.children.values()].reduce((sum, list) => sum + list.length, 0));
    /** @type {{id: number, x: number, y: number, chip: boolean, from: number|null, depth: number}[]} */
    const cards = [];
    const room = Math.floor((width - 8 - CARD.width) / this.deepest(forest)) - CARD.width;
    const across = narrow ? 22 : CARD.width + Math.max(CARD.least, Math.min(CARD.across, room));
    const columns = narrow ? 5 : CHIP.columns;
    const done = new Set();
    let y = 0;
    const put = (/** @type {number} */ id, /** @type {number|null} */ from, /** @type {number} */ depth) => {
      if (done.has(id)) return;
      done.add(id);
      const top = y;
      const card = { id, x: depth * across, y: top, chip: false, from, depth };
      cards.push(card);
      const below = (forest.children.get(id) || []).filter((child) => !done.has(child));
      if (narrow || !below.length) y += CARD.height + CARD.gap;
      const inner = below.filter((child) => forest.children.has(child));
      const leaves = below.filter((child) => !forest.children.has(child));
      const shown = leaves.length > most + 1 ? leaves.slice(0, most) : leaves;
      for (const child of [...inner, ...shown]) put(child, id, Math.min(depth + 1, narrow ? 3 : 40));
      const crowd = leaves.slice(shown.length);
      crowd.forEach((child, i) => {
        done.add(child);
        cards.push({
          id: child, from: i === 0 ? id : null, chip: true, depth: depth + 1,
          x: (depth + 1) * across + (i % columns) * (CHIP.width + CHIP.gap),
          y: y + Math.floor(i / columns) * (CHIP.height + CHIP.gap),
        });
      });
      if (crowd.length) y += Math.ceil(crowd.length / columns) * (CHIP.height + CHIP.gap) + CARD.gap;
    };
    for (const root of forest.roots) {
      put(root, null, 0);
      y += narrow ? 12 : 20;
    }
    const height = cards.reduce((most, card) => Math.max(most, card.y + (card.chip ? CHIP : CARD).height), 0);
    return { cards, height, across };
  }

  /** @param {Model} model @param {ReturnType<Watch.Graph["place"]>} placed */
  draw(model, placed) {
    const { s } = Watch;
    const { CARD, CHIP } = Watch.Graph;
    const positions = new Map(placed.cards.map((card) => [card.id, card]));
    let width = 0;
    for (const [id, element] of this.cards) {
      if (!positions.has(id)) {
        element.remove();
        this.cards.delete(id);
      }
    }
    const lines = [];
    let before = /** @type {Element} */ (this.lines);
    for (const card of placed.cards) {
      const element = this.card(card.id, card.chip, model);
      element.style.transform = "translate(" + card.x + "px," + card.y + "px)";
      if (before.nextElementSibling !== element) before.after(element);
      before = element;
      width = Math.max(width, card.x + (card.chip ? CHIP.width : CARD.width));
      const above = card.from === null ? null : positions.get(card.from);
      if (above) lines.push(this.line(above, card, false));
      const waits = model.nodes.get(card.id)?.waits;
      for (const other of waits && !card.chip ? waits.others : []) {
        const also = positions.get(other);
        if (also && also !== above) lines.push(this.line(also, card, true));
      }
    }
    this.lines.replaceChildren(s("defs", {}, s("marker", { id: this.arrow, viewBox: "0 0 8 8", refX: 1, refY: 4, markerWidth: 7,
      markerHeight: 7, orient: "auto" }, s("path", { d: "M8 0 L0 4 L8 8", class: "arrow" }))), ...lines);
    this.lines.setAttribute("width", String(width + 4));
    this.lines.setAttribute("height", String(placed.height + 4));
    this.field.style.height = placed.height + "px";
    this.field.style.minWidth = placed.across < 100 ? "0" : width + "px";
  }

  /** From the waiter to the one in its way: the arrow's head is at the blocker. */
  line(/** @type {any} */ above, /** @type {any} */ card, /** @type {boolean} */ also) {
    const { s } = Watch;
    const { CARD, CHIP } = Watch.Graph;
    const middle = card.y + (card.chip ? CHIP.height : CARD.height) / 2;
    if (card.x - above.x < 100) { // One under the other.
      const x = above.x + 9;
      return s("path", { class: also ? "line also" : "line", d: `M${x} ${above.y + CARD.height + 3} V${middle} H${card.x}` });
    }
    const x1 = above.x + CARD.width + 3;
    const y1 = above.y + CARD.height / 2;
    const bend = Math.max(20, (card.x - x1) / 2);
    return s("path", {
      class: also ? "line also" : "line", "marker-start": "url(#" + this.arrow + ")",
      d: `M${x1} ${y1} C${x1 + bend} ${y1} ${card.x - bend} ${middle} ${card.x} ${middle}`,
    });
  }

  /** @param {number} id @param {boolean} chip @param {Model} model */
  card(id, chip, model) {
    const { h, lasted, target } = Watch;
    let element = this.cards.get(id);
    if (!element) {
      element = h("button.card", { type: "button", "data-session": id, onclick: () => this.choose(id) });
      this.cards.set(id, element);
    }
    const node = model.nodes.get(id);
    const blocks = [...model.nodes.values()].filter((other) => other.waits && other.waits.to === id).length;
    const waits = node && node.waits;
    element.className = "card" + (chip ? " chip" : waits ? " waits" : " root") + (this.chosen === id ? " chosen" : "");
    const who = Watch.who(node, id);
    const thread = node && node.state === "IN DOUBT" ? "prepared, and no session has it" : (node && node.thread) || "";
    if (chip) {
      const said = `${who}, ${node?.user || ""}, waits ${lasted(waits ? waits.millis : 0)}`;
      element.setAttribute("aria-label", said);
      element.title = said;
      element.replaceChildren(String(id));
      return element;
    }
    const wants = waits ? target(waits.text) : null;
    const state = node ? node.state.toLowerCase() : "gone";
    const since = node && node.since !== null ? lasted(model.at - node.since) : "";
    const first = wants ? wants.wants + " " : blocks ? "holds up " + blocks + " · " : "";
    const what = wants ? wants.what : state;
    element.removeAttribute("title");
    element.setAttribute("aria-label", who + ", " + (node?.user || "") + ", " + (wants
      ? `waits ${lasted(waits ? waits.millis : 0)} for session ${waits ? waits.to : ""}: ${wants.wants} ${wants.what}`
      : `${state}${since ? " for " + since : ""}, holds up ${blocks}`));
    element.replaceChildren(
      h("span.head", {}, h("b", {}, who), h("span.user", {}, node?.user || ""),
        h("span.time", {}, waits ? lasted(waits.millis) : since)),
      h("span.what", { title: wants ? wants.system : null }, h("span.verb", {}, first), h("span.target", {}, what)),
      h("span.sql", {}, (node && node.sql) || " "),
      h("span.thread", {}, [waits && blocks ? "holds up " + blocks : "", node && node.line ? Watch.count(node.line, "statement") + " behind it on its connection" : "", thread].filter((part) => part).join(" · ")));
    return element;
  }

  /** Arrow keys: up and down among the cards, left to the one in the way. @param {KeyboardEvent} e */
  key(e) {
    const all = [...this.field.querySelectorAll("button.card")];
    const at = all.indexOf(/** @type {Element} */ (document.activeElement));
    if (at < 0) return;
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
    const next = step && all[at + step];
    if (next) {
      e.preventDefault();
      /** @type {HTMLElement} */ (next).focus();
    }
  }

  /** @param {{children: Map<number, number[]>, roots: number[]}} forest @param {Model} model */
  asText(forest, model) {
    const { lasted, target } = Watch;
    /** @type {string[]} */
    const out = [];
    const seen = new Set();
    const add = (/** @type {number} */ id, /** @type {number} */ depth) => {
      if (seen.has(id) || out.length > 400) return;
      seen.add(id);
      const node = model.nodes.get(id);
      const wants = node && node.waits ? target(node.waits.text) : null;
      out.push("  ".repeat(Math.min(depth, 30)) + (depth ? "└ " : "") + Watch.who(node, id).replace(/^[SB]/, (first) => first.toLowerCase()) + " " + (node?.user || "") + ", " + (node && wants && node.waits
        ? `waits ${lasted(node.waits.millis)}, ${wants.wants} ${wants.what}` : (node ? node.state.toLowerCase() : "gone")));
      for (const child of forest.children.get(id) || []) add(child, depth + 1);
    };
    for (const root of forest.roots) add(root, 0);
    return out.join("\n") || "Nobody waits.";
  }
};

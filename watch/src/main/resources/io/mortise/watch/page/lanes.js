// @ts-check
"use strict";
/**
 * The last minutes: a lane a session. A thin bar is an open transaction, a middle one a statement that runs, a tall one a
 * wait, in the colour of the session it waited for and with its number. A cross is a deadlock. The slider below moves back.
 */
Watch.Lanes = class {
  /** @param {(at: number|null) => void} move called with a time, or null for "now" @param {(session: number) => void} choose */
  constructor(move, choose) {
    const { h } = Watch;
    this.move = move;
    this.choose = choose;
    /** @type {Map<string, any>} */
    this.waits = new Map();
    /** @type {Map<string, any>} */
    this.transactions = new Map();
    /** @type {Map<string, any>} */
    this.statements = new Map();
    /** @type {any[]} */
    this.deadlocks = [];
    this.minutes = 5;
    /** @type {number|null} */
    this.at = null;
    this.end = Date.now();
    this.drawing = h("div.lanes", {});
    this.slider = /** @type {HTMLInputElement} */ (h("input", {
      type: "range", min: 0, max: 1000, value: 1000, "aria-label": "Time", oninput: () => this.slid(),
    }));
    this.said = h("output", {});
    this.zoom = h("div.zoom", { role: "group", "aria-label": "How far back" }, [1, 5, 15].map((minutes) =>
      h("button.quiet", { type: "button", "aria-pressed": minutes === this.minutes, onclick: () => this.span(minutes) }, minutes + " min")));
    this.live = h("button", { type: "button", onclick: () => this.to(null) }, "Now");
    this.element = h("div.timeline", {}, h("div.bar", {}, this.zoom, this.said, this.live), this.slider, this.drawing,
      this.legend = h("p.legend", {}, h("span.key.open", {}), "open transaction ", h("span.key.ran", {}), "running ",
        h("span.key.waited", {}), "waiting, with the number of whom for ", h("span.cross", {}, "✕"), " deadlock"));
  }

  /** @param {any} past what has ended since the last time */
  add(past) {
    this.end = past.at;
    this.open = past.at;
    for (const row of Watch.rows(past.waits)) this.waits.set(row.SESSION + " " + row.BEGIN_TIME, row);
    for (const [key, row] of this.transactions) if (row.END_TIME === null) this.transactions.delete(key);
    for (const [key, row] of this.statements) if (row.END_TIME === null) this.statements.delete(key);
    for (const row of Watch.rows(past.transactions)) this.transactions.set(row.SESSION + " " + row.TNO, row);
    for (const row of Watch.rows(past.statements)) this.statements.set(row.SESSION + " " + row.START_TIME, row);
    const oldest = past.at - 20 * 60000;
    for (const map of [this.waits, this.transactions, this.statements]) {
      for (const [key, row] of map) if (row.END_TIME !== null && row.END_TIME < oldest) map.delete(key);
    }
  }

  /** @param {Model} model the last moment: what waits in it has not ended yet */
  now(model) {
    this.end = model.at;
    this.model = model;
  }

  /** @param {number} minutes */
  span(minutes) {
    this.minutes = minutes;
    [...this.zoom.children].forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === minutes + " min")));
    this.draw();
  }

  slid() {
    const part = Number(this.slider.value) / 1000;
    this.to(part >= 1 ? null : this.end - (1 - part) * this.minutes * 60000);
  }

  /** @param {number|null} at */
  to(at) {
    this.at = at;
    this.move(at);
    this.draw();
  }

  /** Waits that have ended, and those that have not: one shape. */
  allWaits() {
    const all = [...this.waits.values()].map((row) => ({
      session: row.SESSION, user: row.USER_NAME, from: row.BEGIN_TIME, to: row.END_TIME, by: row.BLOCKING_SESSION, row,
      byUser: row.BLOCKING_USER, kind: row.EDGE_KIND, sql: row.SQL_TEXT, bySql: row.BLOCKING_SQL, outcome: row.OUTCOME,
      text: Watch.wanted(row.MODE, row.TARGET_KIND) + " " + Watch.targetOf(row), others: (row.BLOCKERS || "").match(/\d+/g)?.map(Number) || [],
    }));
    for (const node of this.model ? this.model.nodes.values() : []) {
      if (node.waits) {
        all.push({
          session: node.id, user: node.user, from: this.model.at - node.waits.millis, to: this.model.at, by: node.waits.to,
          byUser: this.model.nodes.get(node.waits.to)?.user, kind: node.waits.kind, sql: node.sql, outcome: "", row: null,
          bySql: this.model.nodes.get(node.waits.to)?.sql, text: node.waits.text, others: node.waits.others,
        });
      }
    }
    return all;
  }

  /** The graph as it was. @param {number} at @returns {Model} */
  moment(at) {
    /** @type {Map<number, any>} */
    const nodes = new Map();
    const open = [...this.transactions.values()].filter((row) => row.START_TIME <= at && (row.END_TIME === null || row.END_TIME > at));
    const node = (/** @type {number} */ id, /** @type {string} */ user) => {
      if (!nodes.has(id)) {
        const transaction = open.find((row) => row.SESSION === id);
        const known = this.model?.nodes.get(id);
        nodes.set(id, {
          id, user: user || transaction?.USER_NAME || known?.user || "", name: known?.name || "", state: transaction ? "in a transaction" : "holds it",
          since: transaction ? transaction.START_TIME : at, sql: "", thread: "", tno: transaction?.TNO || null, rows: 0, line: 0, branch: "", waits: null,
        });
      }
      return nodes.get(id);
    };
    for (const wait of this.allWaits()) {
      if (wait.from > at || wait.to <= at || wait.by === null || wait.by === undefined) continue;
      const waiter = node(wait.session, wait.user);
      waiter.state = "LOCK WAIT";
      waiter.sql = wait.sql || "";
      waiter.waits = { to: wait.by, text: wait.row ? "" : wait.text, kind: wait.kind, millis: at - wait.from, others: [] };
      if (wait.row) waiter.waits.text = Watch.Lanes.systemText(wait.row);
      const blocker = node(wait.by, wait.byUser);
      blocker.sql = blocker.sql || wait.bySql || "";
    }
    return { at, nodes };
  }

  /** @param {any} row @returns {string} as the tree says it */
  static systemText(row) {
    const mode = row.MODE === "X" || row.MODE === "IX" || row.MODE === "SIX" ? "EX" : "SH";
    const level = row.TARGET_KIND.includes("ROW") || row.TARGET_KIND.includes("KEY") ? "ROW" : "TAB";
    return row.TARGET_KIND === "STATEMENT_SLOT" ? "the statement slot of session " + row.BLOCKING_SESSION
      : mode + " " + level + " " + Watch.targetOf(row);
  }

  /** Seconds from one line to the next. */
  static STEPS = [10, 15, 30, 60, 120, 300];

  draw() {
    const { s, h, time, minute, lasted, count, hue } = Watch;
    const width = Math.max(300, this.drawing.clientWidth || 900);
    const left = width < 600 ? 74 : 150;
    const from = this.end - this.minutes * 60000;
    const x = (/** @type {number} */ at) => left + Math.max(0, Math.min(1, (at - from) / (this.end - from))) * (width - left - 8);
    const waits = this.allWaits().filter((wait) => wait.to > from);
    const lanes = this.lanes(waits, from);
    const height = 30 + lanes.shown.length * 26;
    const drawn = [];
    const step = 1000 * (Watch.Lanes.STEPS.find((seconds) => seconds * (width < 600 ? 4 : 8) >= this.minutes * 60) || 300);
    for (let at = Math.ceil(from / step) * step; at < this.end; at += step) {
      drawn.push(s("line", { class: "tick", x1: x(at), x2: x(at), y1: 20, y2: height }),
        s("text", { class: "when", x: x(at), y: 12, "text-anchor": "middle" }, step < 60000 ? time(at) : minute(at)));
    }
    // The knob stands over the moment that it means, and half of it beyond the ends.
    this.slider.style.marginLeft = left - 8 + "px";
    this.slider.style.width = width - left + 8 + "px";
    lanes.shown.forEach((lane, i) => {
      const y = 24 + i * 26;
      const name = "Session " + lane.id;
      drawn.push(s("text", { class: "lane", x: 0, y: y + 16, onclick: () => this.choose(lane.id) }, left > 100 ? name + " " + lane.user.slice(0, 9) : lane.id + " " + lane.user.slice(0, 7)));
      const bar = (/** @type {string} */ name, /** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ h0, /** @type {string} */ said) =>
        s("rect", { class: name, x: x(a), y: y + 12 - h0 / 2, width: Math.max(1.5, x(b) - x(a)), height: h0, rx: Math.min(3, h0 / 2) }, s("title", {}, said));
      for (const t of lane.transactions) drawn.push(bar("open", t.START_TIME, t.END_TIME ?? this.end, 4, "transaction " + t.TNO + ", " + lasted((t.END_TIME ?? this.end) - t.START_TIME)));
      for (const t of lane.statements) drawn.push(bar("ran", t.START_TIME, t.END_TIME ?? this.end, 8, (t.SQL_TEXT || "a statement") + ", " + lasted((t.END_TIME ?? this.end) - t.START_TIME)));
      for (const w of lane.waits) {
        const said = "waited " + lasted(w.to - w.from) + " for session " + w.by + ": " + w.text + (w.outcome ? ", " + w.outcome.toLowerCase().replace(/_/g, " ") : "");
        drawn.push(bar("waited " + hue(w.by ?? 0), w.from, w.to, 16, said));
        if (x(w.to) - x(Math.max(from, w.from)) > 44 && w.by !== null) drawn.push(s("text", { class: "by", x: x(Math.max(from, w.from)) + 5, y: y + 16 }, "→ " + w.by));
      }
    });
    for (const deadlock of this.deadlocks) {
      const lane = lanes.shown.findIndex((one) => one.id === deadlock.SESSION);
      if (deadlock.EVENT_TIME < from || lane < 0 || !deadlock.VICTIM) continue;
      drawn.push(s("text", { class: "cross", x: x(deadlock.EVENT_TIME), y: 24 + lane * 26 + 17, "text-anchor": "middle" }, "✕", s("title", {}, "deadlock " + deadlock.DEADLOCK_ID + ": this session gave way")));
    }
    if (this.at !== null) drawn.push(s("line", { class: "cursor", x1: x(this.at), x2: x(this.at), y1: 16, y2: height }));
    const svg = s("svg", { width, height, role: "img", "aria-label": count(lanes.shown.length, "session") + " and " + count(waits.length, "wait") + " of the last " + count(this.minutes, "minute"),
      onclick: (/** @type {MouseEvent} */ e) => this.clicked(e, left, width, from) }, drawn);
    const left2 = lanes.all - lanes.shown.length;
    this.drawing.replaceChildren(lanes.shown.length ? svg : h("p.calm", {}, "Nothing waited in the last " + count(this.minutes, "minute") + "."),
      left2 > 0 ? h("p.more", {}, "and " + count(left2, "session") + " that waited less") : "");
    this.legend.hidden = lanes.shown.length === 0;
    this.slider.value = String(this.at === null ? 1000 : Math.round(1000 * (1 - (this.end - this.at) / (this.minutes * 60000))));
    this.said.textContent = this.at === null ? "now" : time(this.at) + ", " + lasted(this.end - this.at) + " ago";
    this.live.hidden = this.at === null;
  }

  /** @param {MouseEvent} e @param {number} left @param {number} width @param {number} from */
  clicked(e, left, width, from) {
    const box = this.drawing.getBoundingClientRect();
    const part = (e.clientX - box.left - left) / (width - left - 8);
    if (part >= 0) this.to(part >= 0.995 ? null : from + part * (this.end - from));
  }

  /** Those that waited or were waited for longest, at most 24. @param {any[]} waits @param {number} from */
  lanes(waits, from) {
    /** @type {Map<number, any>} */
    const lanes = new Map();
    const lane = (/** @type {number} */ id, /** @type {string} */ user) => {
      if (!lanes.has(id)) lanes.set(id, { id, user: user || "", waits: [], transactions: [], statements: [], weight: 0 });
      return lanes.get(id);
    };
    for (const wait of waits) {
      const own = lane(wait.session, wait.user);
      own.waits.push(wait);
      own.weight += wait.to - wait.from;
      if (wait.by !== null && wait.by !== undefined) lane(wait.by, wait.byUser).weight += wait.to - wait.from;
    }
    for (const row of this.transactions.values()) {
      if ((row.END_TIME ?? this.end) > from && row.SESSION !== this.self && (row.END_TIME === null || lanes.has(row.SESSION))) lane(row.SESSION, row.USER_NAME).transactions.push(row);
    }
    for (const row of this.statements.values()) {
      if ((row.END_TIME ?? this.end) > from && lanes.has(row.SESSION)) lane(row.SESSION, "").statements.push(row);
    }
    const all = [...lanes.values()].sort((a, b) => b.weight - a.weight || a.id - b.id);
    return { all: all.length, shown: all.slice(0, 24).sort((a, b) => a.id - b.id) };
  }
};

// @ts-check
"use strict";
/** The deadlocks, and where the time goes. */
Watch.Deadlocks = class {
  constructor() {
    const { h } = Watch;
    this.list = h("div.list", { role: "listbox", "aria-label": "Conflicts", onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e) });
    this.one = h("div.one", {});
    this.element = h("div.split", {}, this.list, this.one);
    /** By a key: "d7" is deadlock 7, "f3" transaction 3 that could not be serialized. @type {Map<string, any[]>} */
    this.all = new Map();
    /** @type {string|null} */
    this.chosen = null;
    this.shown = "";
  }

  /** @param {any} sent */
  show(sent) {
    const { h, rows } = Watch;
    const shown = JSON.stringify(sent);
    if (shown === this.shown) return; // Who is reading it, or has just copied it, is left alone.
    this.shown = shown;
    /** @type {Map<string, any[]>} */
    const all = new Map();
    const add = (/** @type {string} */ key, /** @type {any} */ row) => all.set(key, [...(all.get(key) || []), row]);
    for (const row of rows(sent.deadlocks)) add("d" + row.DEADLOCK_ID, row);
    for (const row of rows(sent.failures)) add("f" + row.FAILURE_ID, row);
    this.all = new Map([...all].sort((a, b) => b[1][0].EVENT_TIME - a[1][0].EVENT_TIME));
    this.shapes = rows(sent.shapes);
    if (this.chosen === null || !this.all.has(this.chosen)) this.chosen = [...this.all.keys()][0] ?? null;
    this.element.classList.toggle("none", this.chosen === null);
    const focused = document.activeElement?.getAttribute("data-key");
    this.list.replaceChildren(...[...this.all].map(([key, rows]) => this.item(key, rows)));
    if (focused) /** @type {HTMLElement|null} */ (this.list.querySelector(`[data-key="${focused}"]`))?.focus();
    if (this.chosen === null) this.one.replaceChildren(h("p.calm", {}, "No deadlock, and no transaction that could not be serialized, since the database was opened."));
    else this.detail();
  }

  /** @param {string} key @param {any[]} rows */
  item(key, rows) {
    const { h, time, count } = Watch;
    const victim = rows.find((row) => row.VICTIM);
    const isDeadlock = key[0] === "d";
    return h("button.item", { type: "button", role: "option", "aria-selected": key === this.chosen, tabindex: key === this.chosen ? 0 : -1, "data-key": key, onclick: () => this.choose(key) },
      h("b", {}, (isDeadlock ? "Deadlock " : "Refused ") + key.slice(1)), h("span.time", {}, time(rows[0].EVENT_TIME)),
      h("span.what", {}, isDeadlock ? count(rows.length, "session") + (victim ? ", session " + victim.SESSION + " gave way" : "") : "session " + rows[0].SESSION + " could not be serialized"));
  }

  /** @param {string} key */
  choose(key) {
    this.chosen = key;
    for (const item of /** @type {HTMLElement[]} */ ([...this.list.children])) {
      const isChosen = item.getAttribute("data-key") === key;
      item.setAttribute("aria-selected", String(isChosen));
      item.tabIndex = isChosen ? 0 : -1;
    }
    this.detail();
  }

  /** Up and down in the list. @param {KeyboardEvent} e */
  key(e) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    const keys = [...this.all.keys()];
    const next = step && keys[keys.indexOf(/** @type {string} */ (this.chosen)) + step];
    if (!next) return;
    e.preventDefault();
    this.choose(next);
    /** @type {HTMLElement|null} */ (this.list.querySelector(`[data-key="${next}"]`))?.focus();
  }

  detail() {
    const key = /** @type {string} */ (this.chosen);
    const rows = this.all.get(key) || [];
    this.one.replaceChildren(...(key[0] === "d" ? this.deadlock(Number(key.slice(1)), rows) : this.failure(Number(key.slice(1)), rows)));
  }

  /** @param {number} id @param {any[]} members */
  deadlock(id, members) {
    const { h, time, count, lasted, target } = Watch;
    const victim = members.find((member) => member.VICTIM);
    const shape = (this.shapes || []).find((one) => one.LAST_DEADLOCK_ID === id);
    const nodes = members.map((member) => ({ session: member.SESSION, user: member.USER_NAME, victim: member.VICTIM }));
    const edges = members.map((member, i) => ({ from: i, to: (i + 1) % members.length, ...target(member.WAITS_FOR) }));
    return [
      h("h2", {}, "Deadlock " + id + " ", h("small", {}, time(members[0].EVENT_TIME))),
      h("p", {}, victim ? `Session ${victim.SESSION} (${victim.USER_NAME || "unknown"}) gave way: of those in the circle it had the lowest priority, or the least to lose. ${count(victim.ROWS_CHANGED || 0, "changed row")} went with it.` : "",
        shape ? h("span", {}, ` Of this kind: ${count(shape.DEADLOCKS, "deadlock")}, ${count(shape.ROWS_LOST, "row")} and ${lasted(shape.TIME_LOST_MS)} of work lost.`) : ""),
      this.circle(nodes, edges),
      h("ol.members", {}, members.map((member) => h("li", {}, h("b", {}, "Session " + member.SESSION + " " + (member.USER_NAME || "")),
        h("span.verb", {}, " has " + Watch.place(member.HOLDS || "?") + ", " + target(member.WAITS_FOR).wants + " " + target(member.WAITS_FOR).what + (member.VICTIM ? " — gave way" : "")),
        member.SQL_TEXT ? h("pre", {}, member.SQL_TEXT) : "", member.CALL_SITE ? h("span.site", {}, member.CALL_SITE) : ""))),
      ...this.steps(members, (script) => Watch.Deadlocks.test(script, id)),
    ];
  }

  /** @param {number} id @param {any[]} conflicts */
  failure(id, conflicts) {
    const { h, time } = Watch;
    const place = (/** @type {string} */ text) => text.replace(/^PUBLIC\./, "").replace(/(\S)\(([^]*)\)$/, "$1 $2");
    const first = conflicts[0];
    const edges = conflicts.filter((row) => row.READER_SESSION && row.WRITER_SESSION);
    const sessions = [...new Set(edges.flatMap((row) => [row.READER_SESSION, row.WRITER_SESSION]))];
    const nodes = sessions.map((session) => ({ session, victim: session === first.SESSION,
      user: edges.find((row) => row.READER_SESSION === session)?.READER_USER || edges.find((row) => row.WRITER_SESSION === session)?.WRITER_USER }));
    const arrows = edges.map((row) => ({ from: sessions.indexOf(row.READER_SESSION), to: sessions.indexOf(row.WRITER_SESSION), wants: "has read", what: place(row.READ_PLACE || "what it wrote") }));
    return [
      h("h2", {}, "Refused " + id + " ", h("small", {}, time(first.EVENT_TIME))),
      h("p", {}, `Session ${first.SESSION} (${first.USER_NAME || "unknown"}) could not be serialized: what it and others have read could not have been read in any order of them. It gave way: ${first.WHY || "the others were first"}.`),
      nodes.length > 1 ? this.circle(nodes, arrows) : "",
      h("ol.members", {}, edges.map((row) => h("li", {}, h("b", {}, "Session " + row.READER_SESSION + " " + (row.READER_USER || "")),
        h("span.verb", {}, ` has read ${place(row.READ_PLACE || "?")}, and does not see what session ${row.WRITER_SESSION} wrote: ${place(row.WROTE_PLACE || "?")}`),
        row.READ_SQL ? h("pre", {}, row.READ_SQL) : "", row.WROTE_SQL ? h("pre", {}, row.WROTE_SQL) : ""))),
      first.HINT ? h("p.calm", {}, "What to do: " + first.HINT) : "",
      ...this.steps(conflicts, null),
    ];
  }

  /** The script, if this user may see it, to copy. @param {any[]} rows @param {((script: string) => string)|null} test */
  steps(rows, test) {
    const { h, copy } = Watch;
    const script = rows.map((row) => row.SCRIPT).find((text) => text);
    if (!script) return [h("p.calm", {}, "The script is for those who may see every statement in it.")];
    const button = (/** @type {string} */ name, /** @type {() => string} */ text) => h("button", { type: "button", onclick: (/** @type {Event} */ e) => copy(text(), /** @type {HTMLElement} */ (e.currentTarget)) }, name);
    return [h("h3", {}, "The steps, as a script"), h("div.bar", {}, button("Copy script", () => script), test ? button("Copy as JUnit test", () => test(script)) : ""), h("pre.script", {}, script)];
  }

  /**
   * Those in a conflict, in a circle.
   * @param {{session: number, user: string, victim: boolean}[]} sessions
   * @param {{from: number, to: number, wants: string, what: string}[]} edges
   */
  circle(sessions, edges) {
    const { s } = Watch;
    const n = sessions.length;
    const radius = n < 4 ? 96 : 140;
    const size = 2 * radius + 190;
    const point = (/** @type {number} */ i) => {
      const turn = (i / n) * 2 * Math.PI - Math.PI / 2 + (n === 2 ? Math.PI / 2 : 0);
      return { x: size / 2 + 60 + radius * Math.cos(turn) * (n <= 3 ? 1.5 : 1.1), y: size / 2 - 30 + radius * Math.sin(turn) };
    };
    const drawn = edges.flatMap((edge) => {
      const a = point(edge.from);
      const b = point(edge.to);
      const isFirst = edge.from === 0;
      const mx = (a.x + b.x) / 2;
      const my = (a.y + b.y) / 2 + (n === 2 ? (isFirst ? -70 : 70) : 0);
      const length = Math.hypot(b.x - mx, b.y - my) || 1;
      const ex = b.x - ((b.x - mx) / length) * 40;
      const ey = b.y - ((b.y - my) / length) * 34;
      return [s("path", { class: "line", d: `M${a.x} ${a.y} Q${mx} ${my} ${ex} ${ey}`, "marker-end": "url(#to)" }),
        this.edge(n === 2 ? { x: mx, y: my + (isFirst ? 12 : -11) } : { x: mx, y: my }, n === 2 ? null : size / 2 + 60, edge)];
    });
    const nodes = sessions.map((session, i) => {
      const { x, y } = point(i);
      return s("g", { class: session.victim ? "node victim" : "node" }, s("circle", { cx: x, cy: y, r: 34 }),
        s("text", { x, y: y - 1, "text-anchor": "middle", class: "number" }, String(session.session)),
        s("text", { x, y: y + 15, "text-anchor": "middle", class: "user" }, session.victim ? "gave way" : (session.user || "").slice(0, 9)));
    });
    const said = edges.map((edge) => `session ${sessions[edge.from].session} ${edge.wants} ${edge.what}, session ${sessions[edge.to].session} is in its way`).join("; ");
    // Two need little room, and so can be read on a phone.
    const box = n === 2 ? [size / 2 - 140, size / 2 - 110, 400, 160] : [-60, 0, size + 240, size - (n === 3 ? 60 : 30)];
    return s("svg", { class: n === 2 ? "circle" : "circle wide", width: box[2], viewBox: box.join(" "), role: "img", "aria-label": "A circle: " + said },
      s("defs", {}, s("marker", { id: "to", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" }, s("path", { d: "M0 0 L8 4 L0 8 z", class: "arrow" }))), drawn, nodes);
  }

  /** What an arrow says, outside the circle. @param {{x: number, y: number}} at @param {number|null} middle @param {any} what */
  edge(at, middle, what) {
    const { s } = Watch;
    const side = middle === null || Math.abs(at.x - middle) < 12 ? 0 : Math.sign(at.x - middle);
    const x = at.x + side * 14;
    const anchor = side === 0 ? "middle" : side < 0 ? "end" : "start";
    const y = side === 0 && middle !== null ? at.y + 22 : at.y;
    return s("text", { class: "edge", x, y: y - 4, "text-anchor": anchor }, s("tspan", {}, what.wants), s("tspan", { class: "what", x, dy: 15 }, what.what.slice(0, 32)));
  }

  /** @param {string} script @param {any} id */
  static test(script, id) {
    const block = script.replace(/\\/g, "\\\\").replace(/"""/g, '\\"""').trimEnd().split("\n").map((line) => "                " + line).join("\n");
    return `import io.mortise.testkit.DeadlockScript;
import io.mortise.testkit.Interleaving;
import org.junit.jupiter.api.Test;

class Deadlock${id}Test {
    @Test
    void theDeadlockComesAgain() {
        try (Interleaving database = Interleaving.inMemory().setUp(/* your tables and rows */)) {
            DeadlockScript.parse("""
${block}
                """).replay(database);
        }
    }
}
`;
  }
};

Watch.Tables = class {
  constructor() {
    const { h } = Watch;
    this.element = h("div.tables", {});
  }

  /** @param {any} sent @param {any[]} deadlocks */
  show(sent, deadlocks) {
    const { h, rows, lasted, count } = Watch;
    const stats = rows(sent.stats);
    const most = Math.max(1, ...stats.map((row) => row.WAIT_MS));
    const order = rows(sent.order);
    const table = h("table", {}, h("thead", {}, h("tr", {}, ["Table", "Waited in all", "Waits", "Longest", "Given up", "Deadlocks", "Hottest row"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, stats.map((row) => {
        const bar = h("span.share", {});
        bar.style.setProperty("--part", String(row.WAIT_MS / most));
        return h("tr", {}, h("th", { scope: "row" }, Watch.place(row.SCHEMA_NAME + "." + (row.TABLE_NAME || ""))), h("td.long", {}, bar, lasted(row.WAIT_MS)), h("td", {}, String(row.WAITS)),
          h("td", {}, lasted(row.LONGEST_WAIT_MS)), h("td", {}, String(row.TIMEOUTS)), h("td", {}, String(row.DEADLOCKS)), h("td", {}, row.HOTTEST_ROW || ""));
      })));
    this.element.replaceChildren(
      h("h2", {}, "Waits a minute, the last hour"), this.chart(rows(sent.minutes), deadlocks),
      h("h2", {}, "Where the time goes"), stats.length ? h("div.scroll", {}, table) : h("p.calm", {}, "Nobody has waited for a table."),
      h("h2", {}, "Tables taken in both orders"),
      order.length ? h("ul.order", {}, order.map((row) => h("li", {}, h("b", {}, row.FIRST_TABLE + " → " + row.THEN_TABLE), ` in ${count(row.TRANSACTIONS, "transaction")}; others take them the other way, so the two can deadlock.`,
        row.FIRST_SQL ? h("pre", {}, row.FIRST_SQL + "\n" + (row.THEN_SQL || "")) : ""))) : h("p.calm", {}, "None: no two transactions have taken two tables in opposite orders."));
  }

  /** Bars, a minute each; a cross is a deadlock. @param {any[]} minutes @param {any[]} deadlocks */
  chart(minutes, deadlocks) {
    const { s, minute, count } = Watch;
    const width = Math.min(992, Math.max(320, this.element.clientWidth || 720));
    const height = 120;
    const last = Math.floor((this.now || Date.now()) / 60000) * 60000;
    const first = last - 59 * 60000;
    const most = Math.max(1, ...minutes.map((row) => row.WAITS));
    const x = (/** @type {number} */ at) => ((at - first) / 60000) * (width / 60);
    const bars = minutes.filter((row) => row.MINUTE_TIME >= first).map((row) => {
      const tall = Math.max(2, (row.WAITS / most) * (height - 34));
      return s("rect", { class: "bar", x: x(row.MINUTE_TIME) + 1, y: height - 18 - tall, width: width / 60 - 2, height: tall, rx: 2 },
        s("title", {}, minute(row.MINUTE_TIME) + ": " + count(row.WAITS, "wait") + ", " + Watch.lasted(row.WAITED_MS)));
    });
    const seen = new Set();
    const crosses = deadlocks.filter((row) => row.EVENT_TIME >= first && !seen.has(row.DEADLOCK_ID) && seen.add(row.DEADLOCK_ID))
      .map((row) => s("text", { class: "cross", x: x(row.EVENT_TIME), y: 12, "text-anchor": "middle" }, "✕", s("title", {}, "deadlock " + row.DEADLOCK_ID)));
    const labels = (width < 500 ? [0, 30, 59] : [0, 15, 30, 45, 59]).map((i) => s("text", { class: "when", x: Math.min(width - 18, Math.max(18, x(first + i * 60000))), y: height - 2, "text-anchor": "middle" }, minute(first + i * 60000)));
    return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Waits in each minute of the last hour, at most " + most },
      s("line", { class: "tick", x1: 0, x2: width, y1: height - 17.5, y2: height - 17.5 }), bars, crosses, labels, s("text", { class: "when", x: 0, y: 12 }, "most: " + most));
  }
};

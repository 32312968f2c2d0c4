// @ts-check
"use strict";
/** The deadlocks, and where the time goes. */
Watch.Deadlocks = class {
  constructor() {
    const { h } = Watch;
    this.list = h("div.list", { role: "listbox", "aria-label": "Deadlocks" });
    this.one = h("div.one", {});
    this.element = h("div.split", {}, this.list, this.one);
    /** @type {Map<number, any[]>} */
    this.all = new Map();
    /** @type {number|null} */
    this.chosen = null;
  }

  /** @param {any} sent */
  show(sent) {
    const { h, time, rows } = Watch;
    this.all = new Map();
    for (const row of rows(sent.deadlocks)) {
      if (!this.all.has(row.DEADLOCK_ID)) this.all.set(row.DEADLOCK_ID, []);
      this.all.get(row.DEADLOCK_ID)?.push(row);
    }
    this.shapes = rows(sent.shapes);
    if (this.chosen === null || !this.all.has(this.chosen)) this.chosen = [...this.all.keys()][0] ?? null;
    if (this.chosen === null) {
      this.element.classList.add("none");
      this.list.replaceChildren();
      this.one.replaceChildren(h("p.calm", {}, "No deadlock since the database was opened."));
      return;
    }
    this.element.classList.remove("none");
    this.list.replaceChildren(...[...this.all].map(([id, members]) => {
      const victim = members.find((member) => member.VICTIM);
      return h("button.item", { type: "button", role: "option", "aria-selected": id === this.chosen, "data-deadlock": id, onclick: () => this.choose(id) },
        h("b", {}, "Deadlock " + id), h("span.time", {}, time(members[0].EVENT_TIME)),
        h("span.what", {}, Watch.count(members.length, "session") + (victim ? ", session " + victim.SESSION + " gave way" : "")));
    }));
    this.detail();
  }

  /** @param {number} id */
  choose(id) {
    this.chosen = id;
    for (const item of this.list.children) item.setAttribute("aria-selected", String(item.getAttribute("data-deadlock") === String(id)));
    this.detail();
  }

  detail() {
    const { h, time, count, lasted } = Watch;
    const members = this.all.get(/** @type {number} */ (this.chosen)) || [];
    const victim = members.find((member) => member.VICTIM);
    const script = members.map((member) => member.SCRIPT).find((text) => text);
    const shape = (this.shapes || []).find((one) => one.LAST_DEADLOCK_ID === this.chosen);
    const copies = script ? h("div.bar", {},
      h("button", { type: "button", onclick: (/** @type {Event} */ e) => Watch.copy(script, /** @type {HTMLElement} */ (e.currentTarget)) }, "Copy script"),
      h("button", { type: "button", onclick: (/** @type {Event} */ e) => Watch.copy(Watch.Deadlocks.test(script, this.chosen), /** @type {HTMLElement} */ (e.currentTarget)) }, "Copy as JUnit test")) : "";
    this.one.replaceChildren(
      h("h2", {}, "Deadlock " + this.chosen + " ", h("small", {}, time(members[0].EVENT_TIME))),
      h("p", {}, victim ? `Session ${victim.SESSION} (${victim.USER_NAME || "unknown"}) gave way: of those in the circle it had the lowest priority, or the least to lose. ${count(victim.ROWS_CHANGED, "changed row")} went with it.` : "",
        shape ? h("span", {}, ` Of this kind: ${count(shape.DEADLOCKS, "deadlock")}, ${count(shape.ROWS_LOST, "row")} and ${lasted(shape.TIME_LOST_MS)} of work lost.`) : ""),
      this.circle(members),
      h("ol.members", {}, members.map((member) => h("li", {}, h("b", {}, "Session " + member.SESSION + " " + (member.USER_NAME || "")),
        h("span.verb", {}, " has " + Watch.place(member.HOLDS || "?") + ", " + Watch.target(member.WAITS_FOR).wants + " " + Watch.target(member.WAITS_FOR).what + (member.VICTIM ? " — gave way" : "")),
        member.SQL_TEXT ? h("pre", {}, member.SQL_TEXT) : "", member.CALL_SITE ? h("span.site", {}, member.CALL_SITE) : ""))),
      script ? h("h3", {}, "The steps, as a script") : "", copies, script ? h("pre.script", {}, script) : h("p.calm", {}, "The script is for those who may see every statement in it."));
  }

  /** @param {any[]} members */
  circle(members) {
    const { s, target } = Watch;
    const n = members.length;
    const radius = n < 4 ? 96 : 140;
    const size = 2 * radius + 190;
    const point = (/** @type {number} */ i) => {
      const turn = (i / n) * 2 * Math.PI - Math.PI / 2 + (n === 2 ? Math.PI / 2 : 0);
      return { x: size / 2 + 60 + radius * Math.cos(turn) * (n <= 3 ? 1.5 : 1.1), y: size / 2 - 30 + radius * Math.sin(turn) };
    };
    const drawn = members.flatMap((member, i) => {
      const a = point(i);
      const b = point((i + 1) % n);
      const bend = n === 2 ? (i === 0 ? -70 : 70) : 0;
      const mx = (a.x + b.x) / 2;
      const my = (a.y + b.y) / 2 + bend;
      const length = Math.hypot(b.x - mx, b.y - my);
      const ex = b.x - ((b.x - mx) / length) * 40;
      const ey = b.y - ((b.y - my) / length) * 34;
      const what = target(member.WAITS_FOR);
      return [s("path", { class: "line", d: `M${a.x} ${a.y} Q${mx} ${my} ${ex} ${ey}`, "marker-end": "url(#to)" }),
        this.edge(n === 2 ? { x: mx, y: my + (i === 0 ? 22 : -12) } : { x: mx, y: my }, n === 2 ? null : size / 2 + 60, what)];
    });
    const nodes = members.map((member, i) => {
      const { x, y } = point(i);
      return s("g", { class: member.VICTIM ? "node victim" : "node" }, s("circle", { cx: x, cy: y, r: 34 }),
        s("text", { x, y: y - 1, "text-anchor": "middle", class: "number" }, String(member.SESSION)),
        s("text", { x, y: y + 15, "text-anchor": "middle", class: "user" }, member.VICTIM ? "gave way" : (member.USER_NAME || "").slice(0, 9)));
    });
    const said = members.map((member) => `session ${member.SESSION} waits for session ${member.WAITS_FOR_SESSION}`).join(", ");
    return s("svg", { class: "circle", viewBox: `-60 0 ${size + 240} ${size - (n === 3 ? 60 : n === 2 ? 40 : 30)}`, role: "img", "aria-label": "A circle: " + said },
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
    const width = 720;
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
    const labels = [0, 15, 30, 45, 59].map((i) => s("text", { class: "when", x: Math.min(width - 18, Math.max(18, x(first + i * 60000))), y: height - 2, "text-anchor": "middle" }, minute(first + i * 60000)));
    return s("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": "Waits in each minute of the last hour, at most " + most },
      s("line", { class: "tick", x1: 0, x2: width, y1: height - 17.5, y2: height - 17.5 }), bars, crosses, labels, s("text", { class: "when", x: 0, y: 12 }, "most: " + most));
  }
};

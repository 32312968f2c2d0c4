// @ts-check
"use strict";
/** The page: log in, listen, show. In a report there is nobody to listen to: the data lies in the page. */
(function () {
  const { h, $, rows, count, lasted, time } = Watch;
  const report = document.getElementById("report");
  const still = report !== null;
  /** @type {any} */
  let me = null;
  /** @type {EventSource|null} */
  let stream = null;
  /** @type {Model} */
  let model = { at: Date.now(), nodes: new Map() };
  /** @type {any} */
  let counts = { sessions: 0, waiting: 0, inTransaction: 0, tree: 0 };
  /** @type {any[]} */
  let deadlockRows = [];
  /** @type {any} */
  let tablesSent = null;
  let view = "now";
  let filter = "";
  let all = false;
  let spoken = 0;
  let moments = 0;
  let named = "";

  /** @param {string} path @param {Object<string, any>} [form] */
  async function ask(path, form) {
    const answer = await fetch(path, form ? { method: "POST", body: new URLSearchParams(form), headers: me ? { "X-Mortise-Token": me.token } : {} } : {});
    const json = await answer.json().catch(() => ({ error: "The server gave no answer that can be read." }));
    if (answer.status === 401 && path !== "api/login") loggedOut();
    if (!answer.ok) throw new Error(json.error || answer.statusText);
    return json;
  }

  const choose = (/** @type {number} */ session) => {
    graph.chosen = pastGraph.chosen = session;
    details.open(session, model.nodes.get(session));
    draw();
  };
  const details = new Watch.Details($("details"), { ask, still, closed: () => {
    const back = graph.chosen;
    graph.chosen = pastGraph.chosen = null;
    draw();
    /** @type {HTMLElement|null} */ (document.querySelector(`section:not([hidden]) [data-session="${back}"]`))?.focus();
  } });
  const graph = new Watch.Graph(choose);
  const pastGraph = new Watch.Graph(choose);
  const lanes = new Watch.Lanes(() => drawMoment(), choose);
  const deadlocks = new Watch.Deadlocks();
  const tables = new Watch.Tables();
  const calm = h("p.calm.big", {}, "Nobody waits.");
  const list = h("div.sessions", {});
  const momentSaid = h("h2", {}, "");
  const pastCalm = h("p.calm", {}, "Nobody waited at that moment.");

  function build() {
    const search = h("input", { type: "search", id: "filter", placeholder: "Filter: user, thread, SQL, number", "aria-label": "Filter sessions", oninput: (/** @type {any} */ e) => {
      filter = e.target.value.toLowerCase();
      drawList();
    } });
    const every = h("label.every", {}, h("input", { type: "checkbox", onchange: (/** @type {any} */ e) => {
      all = e.target.checked;
      drawList();
    } }), "idle ones too");
    $("now").append(calm, graph.element, h("div.bar", {}, h("h2", {}, "Open transactions, oldest first"), search, every), list);
    $("past").append(lanes.element, momentSaid, pastCalm, pastGraph.element);
    $("deadlocks").append(deadlocks.element);
    $("tables").append(tables.element);
    const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[role=tab]")]);
    tabs.forEach((tab, i) => {
      tab.addEventListener("click", () => turn(tab.id.slice(4)));
      tab.addEventListener("keydown", (e) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
        if (step) {
          const next = tabs[(i + step + tabs.length) % tabs.length];
          next.focus();
          turn(next.id.slice(4));
        }
      });
    });
    document.addEventListener("keydown", (e) => {
      if (e.key === "/" && !/INPUT|TEXTAREA/.test(document.activeElement?.tagName || "")) {
        e.preventDefault();
        turn("now");
        search.focus();
      }
    });
    addEventListener("resize", () => draw());
  }

  /** @param {string} to */
  function turn(to) {
    view = to;
    for (const name of ["now", "past", "deadlocks", "tables"]) {
      $(name).hidden = name !== to;
      $("tab-" + name).setAttribute("aria-selected", String(name === to));
      $("tab-" + name).tabIndex = name === to ? 0 : -1;
    }
    draw();
  }

  /** @param {any} sent @returns {Model} */
  function modelOf(sent) {
    /** @type {Map<number, any>} */
    const nodes = new Map();
    for (const row of rows(sent.sessions)) {
      nodes.set(row.SESSION, { id: row.SESSION, user: row.USER_NAME || "", name: row.SESSION_NAME || row.CLIENT_INFO || "", state: row.STATE, since: row.STATE_SINCE, sql: row.LAST_SQL || "", thread: row.THREAD_NAME || "", tno: row.TNO, rows: row.ROWS_CHANGED, line: 0, branch: "", waits: null });
    }
    /** @type {Map<number, number[]>} */
    const others = new Map();
    for (const row of rows(sent.holders)) others.set(row.SESSION, [...(others.get(row.SESSION) || []), row.BLOCKING_SESSION]);
    /** @type {number[]} */
    const path = [];
    for (const row of rows(sent.tree)) {
      path.length = row.DEPTH;
      const above = path[path.length - 1];
      path.push(row.SESSION);
      let node = nodes.get(row.SESSION);
      // One of more than are sent, or a branch whose session has gone.
      if (!node) nodes.set(row.SESSION, (node = { id: row.SESSION, user: row.USER_NAME || "", name: "", state: row.STATE || "gone", since: null, sql: row.SQL_TEXT || "", thread: "", tno: null, rows: 0, line: 0, branch: "", waits: null }));
      if (row.DEPTH > 0 && above === row.SESSION) {
        node.line++; // A second statement on one connection waits for the first.
      } else if (row.DEPTH > 0 && above !== undefined) {
        node.waits = { to: above, text: row.WAITS_FOR || "", kind: row.EDGE_KIND, millis: row.WAITED_MS || 0, others: (others.get(row.SESSION) || []).filter((id) => id !== above && id !== row.SESSION) };
      }
    }
    for (const row of rows(sent.branches)) {
      const node = nodes.get(row.BLOCKING_SESSION);
      if (node) node.branch = row.BLOCKING_BRANCH;
    }
    return { at: sent.at, nodes };
  }

  const show = {
    about: (/** @type {any} */ sent) => {
      $("database").textContent = sent.database + (sent.redacted ? " (redacted)" : "");
      named = sent.database;
      lanes.self = sent.session;
    },
    moment: (/** @type {any} */ sent) => {
      model = modelOf(sent);
      counts = sent.counts;
      tables.now = sent.at;
      lanes.now(model);
      draw();
      if (++moments % 3 === 0) details.tick(model);
    },
    past: (/** @type {any} */ sent) => {
      lanes.add(sent);
      if (view === "past") draw();
    },
    deadlocks: (/** @type {any} */ sent) => {
      deadlockRows = rows(sent.deadlocks);
      lanes.deadlocks = deadlockRows;
      deadlocks.show(sent);
      const n = deadlocks.all.size;
      $("deadlock-count").textContent = n ? String(n) : "";
    },
    tables: (/** @type {any} */ sent) => {
      tablesSent = sent;
      if (view === "tables") draw();
    },
    gone: (/** @type {any} */ sent) => ended(sent.why),
  };

  function draw() {
    const behind = [...model.nodes.values()].reduce((sum, node) => sum + node.line, 0);
    const pulse = counts.waiting ? count(counts.waiting, "session waits", "sessions wait")
      : behind ? count(behind, "statement waits", "statements wait") + " for a connection" : "Nobody waits";
    const said = `${pulse} · ${counts.inTransaction} in a transaction · ${count(counts.sessions, "session")}` + (still ? " · " + time(model.at) : "");
    $("page").classList.toggle("alarm", counts.waiting + behind > 0);
    $("pulse").textContent = said;
    document.title = (counts.waiting ? counts.waiting + (counts.waiting === 1 ? " waits" : " wait") + " – " : "") + named + " – Mortise watch"; // Seen from another tab.
    // Read out when it has changed, and not every second.
    if ($("spoken").textContent !== pulse && Date.now() - spoken > 5000) {
      spoken = Date.now();
      $("spoken").textContent = pulse;
    }
    if (view === "now") {
      const shown = graph.show(model);
      calm.hidden = shown > 0;
      graph.element.hidden = shown === 0;
      drawList();
    } else if (view === "past") {
      lanes.draw();
      drawMoment();
    } else if (view === "tables" && tablesSent) {
      tables.show(tablesSent, deadlockRows);
    }
  }

  function drawMoment() {
    const at = lanes.at;
    const then = at === null ? model : lanes.moment(at);
    const shown = pastGraph.show(then);
    momentSaid.textContent = at === null ? "Now" : "At " + time(at);
    pastCalm.textContent = at === null ? "Nobody waits." : "Nobody waited at that moment.";
    pastCalm.hidden = shown > 0;
    pastGraph.element.hidden = shown === 0;
  }

  function drawList() {
    const matches = [...model.nodes.values()].filter((node) => node.since !== null && (all || filter || node.tno) &&
      (!filter || [node.id, node.user, node.name, node.thread, node.sql, node.state].join(" ").toLowerCase().includes(filter)));
    matches.sort((a, b) => Number(!a.tno) - Number(!b.tno) || a.since - b.since);
    const focused = document.activeElement?.getAttribute("data-row");
    list.replaceChildren(...(matches.length ? matches.slice(0, 100).map((node) =>
      h("button.row", { type: "button", "data-row": node.id, onclick: () => choose(node.id) }, h("b", {}, "Session " + node.id), h("span.user", {}, node.user), h("span.state", {}, node.state.toLowerCase()),
        h("span.time", {}, lasted(model.at - node.since)), h("span.rows", {}, node.rows ? count(node.rows, "row") + " changed" : ""), h("span.sql", {}, node.sql)))
      : [h("p.calm", {}, filter ? "No session matches." : "None is open.")]),
      matches.length > 100 ? h("p.more", {}, "and " + (matches.length - 100) + " more: filter") : "",
      counts.sessions > model.nodes.size ? h("p.more", {}, count(counts.sessions - model.nodes.size, "session is", "sessions are") + " not shown: those that block and wait come first") : "");
    if (focused) /** @type {HTMLElement|null} */ (list.querySelector(`[data-row="${focused}"]`))?.focus();
  }

  function listen() {
    stream = new EventSource("api/events");
    for (const [name, to] of Object.entries(show)) {
      stream.addEventListener(name, (e) => {
        if (name !== "gone") $("gone").hidden = true;
        to(JSON.parse(/** @type {MessageEvent} */ (e).data));
      });
    }
    stream.onerror = () => {
      if ($("gone").hidden) ended("The connection to the application is lost.");
      if (stream && stream.readyState === EventSource.CLOSED) again();
    };
  }

  /** @param {string} why */
  function ended(why) {
    $("gone").textContent = why + " What you see is from " + time(model.at) + ".";
    $("gone").hidden = false;
  }

  /** The browser has given up: is it the application that is back, or we who have to log in again? */
  function again() {
    const said = $("gone").textContent || "";
    setTimeout(() => whoAmI().then((who) => (who ? listen() : loggedOut(said)), again), 2000);
  }

  /** @returns {Promise<any>} null if nobody is logged in here */
  async function whoAmI() {
    const answer = await fetch("api/me");
    const who = await answer.json();
    return who.user ? who : null;
  }

  /** @param {any} [why] */
  function loggedOut(why) {
    $("login-error").textContent = typeof why === "string" ? why : "";
    stream?.close();
    stream = null;
    me = null;
    $("page").hidden = true;
    $("login").hidden = false;
    $("user").focus();
  }

  /** @param {any} who */
  function loggedIn(who) {
    me = who;
    $("me").textContent = who.user + (who.admin ? "" : " (no administrator)");
    $("login").hidden = true;
    $("page").hidden = false;
    listen();
  }

  $("old").remove();
  build();
  if (still) {
    $("page").hidden = false;
    $("page").classList.add("still");
    const data = JSON.parse(report.textContent || "{}");
    for (const name of /** @type {("about"|"past"|"deadlocks"|"tables"|"moment")[]} */ (["about", "past", "deadlocks", "tables", "moment"])) show[name](data[name]);
    turn("now");
    return;
  }
  $("login-form").addEventListener("submit", async (e) => {
    e.preventDefault();
    $("login-error").textContent = "";
    try {
      loggedIn(await ask("api/login", Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (e.target)))));
      /** @type {HTMLInputElement} */ ($("password")).value = "";
    } catch (error) {
      $("login-error").textContent = String(/** @type {Error} */ (error).message);
    }
  });
  $("logout").addEventListener("click", () => ask("api/logout", {}).then(loggedOut, loggedOut));
  whoAmI().then((who) => (who ? loggedIn(who) : loggedOut()), () => loggedOut());
})();

// @ts-check
"use strict";
/** All that is known of a session, and what can be ended. */
Watch.Details = class {
  /**
   * @param {HTMLElement} element
   * @param {{ask: (path: string, form?: Object<string, any>) => Promise<any>, still: boolean, closed: () => void}} page
   */
  constructor(element, page) {
    this.element = element;
    this.page = page;
    /** @type {number|null} */
    this.session = null;
    element.addEventListener("keydown", (e) => {
      if (e.key === "Escape") this.close();
    });
  }

  /** @param {number} session @param {any} node what the page knows of it, for a page that can ask nobody */
  async open(session, node) {
    const { h } = Watch;
    this.session = session;
    this.node = node;
    this.element.hidden = false;
    this.element.replaceChildren(h("p.calm", {}, "Session " + session + " …"));
    await this.refresh();
    this.element.focus();
  }

  /** What is open is shown anew, unless somebody reads out of it or is about to press. @param {any} model */
  tick(model) {
    const selected = getSelection();
    const isRead = selected && !selected.isCollapsed && this.element.contains(selected.anchorNode);
    if (this.session === null || isRead || /** @type {HTMLDialogElement} */ (Watch.$("confirm")).open) return;
    this.node = model.nodes.get(this.session) || this.node;
    this.refresh();
  }

  close() {
    this.session = null;
    this.element.hidden = true;
    this.page.closed();
  }

  async refresh() {
    const session = this.session;
    if (session === null) return;
    if (this.page.still) {
      this.show(session, { session: null, locks: null, waits: null, transaction: null });
      return;
    }
    try {
      const all = await this.page.ask("api/session?id=" + session);
      if (this.session === session) this.show(session, all);
    } catch (error) {
      this.message(String(/** @type {Error} */ (error).message));
    }
  }

  /** @param {string} text */
  message(text) {
    const { h } = Watch;
    const old = this.element.querySelector(".said");
    if (old) old.remove();
    (this.element.firstElementChild || this.element).prepend(h("p.said", { role: "status" }, text));
  }

  /** @param {number} id @param {any} all */
  show(id, all) {
    const { h, rows, lasted, time } = Watch;
    const node = this.node;
    const row = rows(all.session)[0] || this.fromNode();
    const isLeft = !!row && row.STATE === "IN DOUBT";
    const transaction = rows(all.transaction)[0];
    const said = this.element.querySelector(".said");
    const fact = (/** @type {string} */ name, /** @type {any} */ value) => (value === null || value === undefined || value === "" ? null : [h("dt", {}, name), h("dd", {}, String(value))]);
    const facts = (/** @type {any} */ of) => h("dl", {}, [fact("User", of.USER_NAME), fact("Name", of.SESSION_NAME), fact("Application", of.CLIENT_INFO), fact("State", of.STATE.toLowerCase() + (of.STATE_SINCE ? ", since " + time(of.STATE_SINCE) : "")),
      fact("Branch", node && node.branch), fact("Transaction", transaction ? transaction.TNO + ", open for " + lasted(transaction.DURATION_MS) : of.TNO), fact("Rows changed", of.ROWS_CHANGED), fact("Isolation", of.ISOLATION), fact("Thread", of.THREAD_NAME),
      fact("Where it is", of.CALL_SITE), fact("Blocked on", of.BLOCKED_ON), fact("Connection taken at", of.BORROW_SITE)].filter((one) => one).flat());
    const sql = row && (row.CURRENT_SQL || row.LAST_SQL);
    const unseen = isLeft || this.page.still ? "" : h("p.calm", {}, "What it runs is for its own user and for administrators.");
    const pressed = document.activeElement?.getAttribute("data-act");
    const isClose = document.activeElement?.classList.contains("close");
    const read = this.element.scrollTop;
    this.element.replaceChildren(h("div", {},
      said || "",
      h("div.top", {}, h("h2", {}, isLeft ? Watch.who(node, id) : "Session " + id), h("button.quiet.close", { type: "button", "aria-label": "Close", onclick: () => this.close() }, "✕")),
      row ? facts(row) : h("p.calm", {}, "This session has gone."),
      isLeft ? this.left(node.branch) : "",
      sql ? [h("h3", {}, row.CURRENT_SQL ? "Runs" : "Ran last"), h("pre", {}, sql)] : row ? unseen : "",
      this.waits(id, rows(all.waits)), this.locks(rows(all.locks)), row && !isLeft && !this.page.still ? this.actions(row, transaction) : ""));
    // Where one was before it was shown anew.
    this.element.scrollTop = read;
    const again = pressed ? `[data-act="${pressed}"]` : isClose ? ".close" : "";
    if (again) /** @type {HTMLElement|null} */ (this.element.querySelector(again))?.focus();
  }

  fromNode() {
    const node = this.node;
    return node ? { USER_NAME: node.user, SESSION_NAME: node.name, STATE: node.state, STATE_SINCE: node.since, TNO: node.tno, ROWS_CHANGED: node.rows, THREAD_NAME: node.thread, LAST_SQL: node.sql } : null;
  }

  /** A prepared branch that no session has. @param {string} branch as a statement has to spell it */
  left(branch) {
    const { h } = Watch;
    return [h("h3", {}, "How to end it"), h("p", {}, "This branch of a distributed transaction is prepared, and its session has gone. The transaction manager knows whether it commits, and ends it through XAResource. By hand, one of these does:"),
      h("pre", {}, `COMMIT TRANSACTION ${branch}\nROLLBACK TRANSACTION ${branch}`)];
  }

  /** @param {number} id @param {any[]} waits */
  waits(id, waits) {
    const { h, lasted, wanted, held, targetOf } = Watch;
    if (!waits.length) return "";
    const system = (/** @type {any} */ wait) => h("span.system", {}, wait.MODE + " · " + wait.EDGE_KIND);
    // What this session is in the way of, or what is in its way, on one connection.
    const inLine = (/** @type {any} */ wait) => wait.BLOCKING_SESSION === id
      ? h("li", {}, `A second statement waits ${lasted(wait.WAITED_MS)} for the one that runs: a connection runs one at a time.`, wait.SQL_TEXT ? h("pre", {}, wait.SQL_TEXT) : "", wait.THREAD_NAME ? h("span.site", {}, wait.THREAD_NAME) : "", system(wait))
      : h("li", {}, `Waits ${lasted(wait.WAITED_MS)} for the statement that runs on the connection of session ${wait.BLOCKING_SESSION} (${wait.BLOCKING_USER}).`, wait.BLOCKING_SQL ? h("pre", {}, wait.BLOCKING_SQL) : "", system(wait));
    const whose = (/** @type {any} */ wait) => (wait.BLOCKING_BRANCH && wait.BLOCKING_STATE === "IN DOUBT" ? "Branch " + wait.BLOCKING_BRANCH : "Session " + wait.BLOCKING_SESSION) + ` (${wait.BLOCKING_USER}) `;
    return [h("h3", {}, "Waits"), h("ul", {}, waits.map((wait) => wait.EDGE_KIND === "STATEMENT_SLOT" ? inLine(wait) : h("li", {}, `${wanted(wait.MODE, wait.TARGET_KIND)} `, h("b", {}, targetOf(wait)), ` for ${lasted(wait.WAITED_MS)}. ${whose(wait)}`,
      wait.EDGE_KIND === "QUEUED_AHEAD" ? "asked first." : held(wait.BLOCKING_MODE, wait.TARGET_KIND) + " it" + (wait.BLOCKING_STATE ? " and is " + wait.BLOCKING_STATE.toLowerCase() : "") + ".",
      wait.BLOCKING_SQL ? h("pre", {}, wait.BLOCKING_SQL) : "", wait.BLOCKING_CALL_SITE ? h("span.site", {}, wait.BLOCKING_CALL_SITE) : "", system(wait))))];
  }

  /** @param {any[]} locks */
  locks(locks) {
    const { h, held, wanted, targetOf } = Watch;
    const shown = locks.filter((lock) => lock.TARGET_KIND !== "STATEMENT_SLOT"); // Who waits there is said above.
    if (!shown.length) return "";
    return [h("h3", {}, locks.length === 200 ? "Locks (the first 200)" : "Locks"), h("ul.locks", {}, shown.map((lock) =>
      h("li", {}, (lock.STATUS === "GRANTED" ? held : wanted)(lock.MODE, lock.TARGET_KIND) + " ", h("b", {}, targetOf(lock)), h("span.system", {}, lock.MODE + " " + lock.TARGET_KIND + " " + lock.STATUS))))];
  }

  /** @param {any} row @param {any} transaction */
  actions(row, transaction) {
    const { h } = Watch;
    const act = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {number|null} */ seen, /** @type {boolean} */ can) =>
      h("button", { type: "button", "data-act": kind, disabled: !can, onclick: () => this.confirm(kind, row, transaction, seen || 0) }, name);
    return h("div.actions", {}, h("h3", {}, "End it"), act("cancel", "Cancel the statement", row.STATEMENT_ID, !!row.STATEMENT_ID),
      act("roll-back", "Roll back", row.TNO, !!(row.TNO || row.STATEMENT_ID)), act("disconnect", "Disconnect", row.TNO, true));
  }

  /** Says first what will be lost. @param {string} kind @param {any} row @param {any} transaction @param {number} seen */
  confirm(kind, row, transaction, seen) {
    const { h, $, count, lasted } = Watch;
    const dialog = /** @type {HTMLDialogElement} */ ($("confirm"));
    const names = { cancel: "Cancel the statement", "roll-back": "Roll back", disconnect: "Disconnect" };
    const lost = row.ROWS_CHANGED || transaction
      ? `${count(row.ROWS_CHANGED || 0, "changed row")} will be lost` + (transaction ? `; the transaction has been open for ${lasted(transaction.DURATION_MS)}.` : ".") : "It has changed nothing.";
    const says = {
      cancel: "The statement ends with an error. The transaction stays open, and keeps its locks.",
      "roll-back": lost + " The session goes on with a new transaction.",
      disconnect: lost + " Its next call fails.",
    };
    const done = h("button.danger", { type: "button", id: "do-it", onclick: () => {
      dialog.close();
      this.act(kind, row.SESSION, seen);
    } }, names[kind] + (kind === "cancel" ? "" : " session " + row.SESSION));
    dialog.replaceChildren(h("h2", { id: "confirm-title" }, names[kind] + (kind === "cancel" ? " of session " + row.SESSION : " session " + row.SESSION) + "?"), h("p", {}, says[kind]),
      row.BLOCKING_COUNT ? h("p", {}, count(row.BLOCKING_COUNT, "session waits", "sessions wait") + " for it.") : "",
      h("div.bar", {}, h("button", { type: "button", onclick: () => dialog.close() }, "Leave it"), done));
    dialog.showModal();
  }

  /** @param {string} kind @param {number} session @param {number} seen */
  async act(kind, session, seen) {
    try {
      const answer = await this.page.ask("api/act", { kind, session, seen });
      await this.refresh();
      this.message(answer.done);
    } catch (error) {
      this.message(String(/** @type {Error} */ (error).message));
    }
  }
};

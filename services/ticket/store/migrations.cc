#include "services/ticket/store/attachment_schema.h"
#include "services/ticket/store/cooperation_schema.h"
#include "services/ticket/store/export_schema.h"
#include "services/ticket/store/heat_schema.h"
#include "services/ticket/store/knowledge_schema.h"
#include "services/ticket/store/measure_schema.h"
#include "services/ticket/store/publishing_schema.h"
#include "services/ticket/store/superior_schema.h"
#include "services/ticket/store/ticket_store.h"

namespace baimi::ticket::store {
namespace {

constexpr sql::Migration kMigrations[] = {
    {1, "tickets",
     R"sql(
CREATE TABLE tickets (
  county TEXT NOT NULL CHECK (length(county) = 6),
  number TEXT NOT NULL CHECK (length(number) = 15),
  state INTEGER NOT NULL,
  type INTEGER NOT NULL,
  channel INTEGER NOT NULL,
  category TEXT NOT NULL CHECK (length(category) <= 6),
  lead TEXT NOT NULL CHECK (length(lead) <= 100),
  grid TEXT NOT NULL CHECK (length(grid) <= 15),
  area TEXT NOT NULL CHECK (length(area) <= 12),
  town TEXT NOT NULL CHECK (length(town) <= 9),
  caller BLOB NOT NULL,
  create_us INTEGER NOT NULL,
  due_us INTEGER,
  provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
  key_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, number)
) STRICT;
CREATE INDEX tickets_by_state ON tickets (county, state, number);
CREATE INDEX tickets_by_lead ON tickets (county, lead, number) WHERE lead <> '';
CREATE INDEX tickets_by_area ON tickets (county, area, number) WHERE area <> '';
CREATE INDEX tickets_by_town ON tickets (county, town, number) WHERE town <> '';
CREATE INDEX tickets_by_category ON tickets (county, category, number);
CREATE INDEX tickets_by_caller ON tickets (county, caller, number) WHERE caller <> x'';
CREATE INDEX tickets_by_due ON tickets (county, due_us, number) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_provisional ON tickets (county, number) WHERE provisional = 1;
CREATE TABLE ticket_numbers (
  county TEXT NOT NULL CHECK (length(county) = 6),
  day TEXT NOT NULL CHECK (length(day) = 8),
  last INTEGER NOT NULL,
  PRIMARY KEY (county, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket_counts (
  county TEXT NOT NULL CHECK (length(county) = 6),
  lead TEXT NOT NULL CHECK (length(lead) <= 100),
  state INTEGER NOT NULL,
  n INTEGER NOT NULL CHECK (n >= 0),
  PRIMARY KEY (county, lead, state)
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket_policies (
  county TEXT NOT NULL CHECK (length(county) = 6),
  version INTEGER NOT NULL,
  effective_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, version)
) STRICT, WITHOUT ROWID;
)sql",
     R"sql(
CREATE TABLE tickets (
  county varchar(6) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  state bigint NOT NULL,
  type bigint NOT NULL,
  channel bigint NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  lead varchar(100) COLLATE "C" NOT NULL,
  grid varchar(15) COLLATE "C" NOT NULL,
  area varchar(12) COLLATE "C" NOT NULL,
  town varchar(9) COLLATE "C" NOT NULL,
  caller bytea NOT NULL,
  create_us bigint NOT NULL,
  due_us bigint,
  provisional bigint NOT NULL CHECK (provisional IN (0, 1)),
  key_id bigint NOT NULL,
  seq bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, number)
);
CREATE INDEX tickets_by_state ON tickets (county, state, number);
CREATE INDEX tickets_by_lead ON tickets (county, lead, number) WHERE lead <> '';
CREATE INDEX tickets_by_area ON tickets (county, area, number) WHERE area <> '';
CREATE INDEX tickets_by_town ON tickets (county, town, number) WHERE town <> '';
CREATE INDEX tickets_by_category ON tickets (county, category, number);
CREATE INDEX tickets_by_caller ON tickets (county, caller, number) WHERE caller <> ''::bytea;
CREATE INDEX tickets_by_due ON tickets (county, due_us, number) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_provisional ON tickets (county, number) WHERE provisional = 1;
CREATE TABLE ticket_numbers (
  county varchar(6) COLLATE "C" NOT NULL,
  day varchar(8) COLLATE "C" NOT NULL,
  last bigint NOT NULL,
  PRIMARY KEY (county, day)
);
CREATE TABLE ticket_counts (
  county varchar(6) COLLATE "C" NOT NULL,
  lead varchar(100) COLLATE "C" NOT NULL,
  state bigint NOT NULL,
  n bigint NOT NULL CHECK (n >= 0),
  PRIMARY KEY (county, lead, state)
);
CREATE TABLE ticket_policies (
  county varchar(6) COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  effective_us bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, version)
);
)sql"},
    {2, "alarms",
     R"sql(
ALTER TABLE tickets ADD COLUMN alarm_us INTEGER;
ALTER TABLE tickets ADD COLUMN alarm_lease_us INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_by_alarm ON tickets (alarm_us) WHERE alarm_us IS NOT NULL;
)sql",
     R"sql(
ALTER TABLE tickets ADD COLUMN alarm_us bigint;
ALTER TABLE tickets ADD COLUMN alarm_lease_us bigint NOT NULL DEFAULT 0;
CREATE INDEX tickets_by_alarm ON tickets (alarm_us) WHERE alarm_us IS NOT NULL;
)sql"},
    // A predicate that both databases read in a query, so that one text finds the index on both.
    {3, "callers by length",
     R"sql(
DROP INDEX tickets_by_caller;
CREATE INDEX tickets_by_caller ON tickets (county, caller, number) WHERE length(caller) > 0;
)sql",
     R"sql(
DROP INDEX tickets_by_caller;
CREATE INDEX tickets_by_caller ON tickets (county, caller, number) WHERE length(caller) > 0;
)sql"},
    // Open orders in the order that lists are read in; the due time is checked on the row.
    {4, "open tickets",
     R"sql(
DROP INDEX tickets_by_due;
CREATE INDEX tickets_open ON tickets (county, number) WHERE due_us IS NOT NULL;
)sql",
     R"sql(
DROP INDEX tickets_by_due;
CREATE INDEX tickets_open ON tickets (county, number) WHERE due_us IS NOT NULL;
)sql"},
    // The number of the order that this one was merged into.
    {5, "merged tickets",
     R"sql(
ALTER TABLE tickets ADD COLUMN merged_into TEXT NOT NULL DEFAULT '' CHECK (length(merged_into) <= 15);
CREATE INDEX tickets_merged ON tickets (county, merged_into, number) WHERE merged_into <> '';
)sql",
     R"sql(
ALTER TABLE tickets ADD COLUMN merged_into varchar(15) COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX tickets_merged ON tickets (county, merged_into, number) WHERE merged_into <> '';
)sql"},
    // Grouping: FigureGrouping; key: "", a unit's name, an area's or a category's code.
    {6, "figures",
     R"sql(
CREATE TABLE ticket_figures (
  county TEXT NOT NULL CHECK (length(county) = 6),
  grouping INTEGER NOT NULL,
  day INTEGER NOT NULL,
  key TEXT NOT NULL CHECK (length(key) <= 100),
  filed INTEGER NOT NULL,
  answered_at_once INTEGER NOT NULL,
  dispatched INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  due INTEGER NOT NULL,
  responded INTEGER NOT NULL,
  replied INTEGER NOT NULL,
  reworked INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  closed_in_time INTEGER NOT NULL,
  callbacks INTEGER NOT NULL,
  answered_callbacks INTEGER NOT NULL,
  solved INTEGER NOT NULL,
  partly_solved INTEGER NOT NULL,
  rated INTEGER NOT NULL,
  satisfied INTEGER NOT NULL,
  PRIMARY KEY (county, grouping, day, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket_figure_shares (
  county TEXT NOT NULL CHECK (length(county) = 6),
  number TEXT NOT NULL CHECK (length(number) = 15),
  share BLOB NOT NULL,
  PRIMARY KEY (county, number)
) STRICT, WITHOUT ROWID;
)sql",
     R"sql(
CREATE TABLE ticket_figures (
  county varchar(6) COLLATE "C" NOT NULL,
  grouping bigint NOT NULL,
  day bigint NOT NULL,
  key varchar(100) COLLATE "C" NOT NULL,
  filed bigint NOT NULL,
  answered_at_once bigint NOT NULL,
  dispatched bigint NOT NULL,
  returned bigint NOT NULL,
  due bigint NOT NULL,
  responded bigint NOT NULL,
  replied bigint NOT NULL,
  reworked bigint NOT NULL,
  closed bigint NOT NULL,
  closed_in_time bigint NOT NULL,
  callbacks bigint NOT NULL,
  answered_callbacks bigint NOT NULL,
  solved bigint NOT NULL,
  partly_solved bigint NOT NULL,
  rated bigint NOT NULL,
  satisfied bigint NOT NULL,
  PRIMARY KEY (county, grouping, day, key)
);
CREATE TABLE ticket_figure_shares (
  county varchar(6) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  share bytea NOT NULL,
  PRIMARY KEY (county, number)
);
)sql"},
    // A list by unit or place reads, state by state, numbers that the index alone knows, and then
    // the rows of its page; one of orders that are due reads no others.
    {7, "lists by state", R"sql(
DROP INDEX tickets_by_lead;
DROP INDEX tickets_by_area;
DROP INDEX tickets_by_town;
DROP INDEX tickets_open;
CREATE INDEX tickets_by_lead ON tickets (county, lead, state, number) WHERE lead <> '';
CREATE INDEX tickets_by_area ON tickets (county, area, state, number) WHERE area <> '';
CREATE INDEX tickets_by_town ON tickets (county, town, state, number) WHERE town <> '';
CREATE INDEX tickets_open ON tickets (county, number, due_us) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_open_by_lead ON tickets (county, lead, number, due_us)
  WHERE due_us IS NOT NULL;
)sql",
     R"sql(
DROP INDEX tickets_by_lead;
DROP INDEX tickets_by_area;
DROP INDEX tickets_by_town;
DROP INDEX tickets_open;
CREATE INDEX tickets_by_lead ON tickets (county, lead, state, number) WHERE lead <> '';
CREATE INDEX tickets_by_area ON tickets (county, area, state, number) WHERE area <> '';
CREATE INDEX tickets_by_town ON tickets (county, town, state, number) WHERE town <> '';
CREATE INDEX tickets_open ON tickets (county, number, due_us) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_open_by_lead ON tickets (county, lead, number, due_us)
  WHERE due_us IS NOT NULL;
)sql"},
    // Orders with a request to be left out of the figures, by its state.
    {8, "exclusions", R"sql(
CREATE TABLE ticket_exclusions (
  county TEXT NOT NULL CHECK (length(county) = 6),
  number TEXT NOT NULL CHECK (length(number) = 15),
  state INTEGER NOT NULL,
  PRIMARY KEY (county, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_exclusions_by_state ON ticket_exclusions (county, state, number);
)sql",
     R"sql(
CREATE TABLE ticket_exclusions (
  county varchar(6) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  state bigint NOT NULL,
  PRIMARY KEY (county, number)
);
CREATE INDEX ticket_exclusions_by_state ON ticket_exclusions (county, state, number);
)sql"},
    // Words and places that orders are found by; nothing personal. A row's id is its county and
    // number as one whole number (search_id.h).
    {9, "search",
     R"sql(
CREATE TABLE ticket_search (
  id INTEGER NOT NULL PRIMARY KEY,
  county TEXT NOT NULL CHECK (length(county) = 6),
  category TEXT NOT NULL CHECK (length(category) <= 6),
  grid TEXT NOT NULL CHECK (length(grid) <= 15),
  cell INTEGER,
  words INTEGER NOT NULL,
  terms TEXT NOT NULL
) STRICT;
CREATE INDEX ticket_search_by_grid ON ticket_search (county, category, grid, id) WHERE grid <> '';
CREATE INDEX ticket_search_by_category_cell ON ticket_search (county, category, cell, id)
  WHERE cell IS NOT NULL;
CREATE INDEX ticket_search_by_cell ON ticket_search (county, cell, id) WHERE cell IS NOT NULL;
CREATE VIRTUAL TABLE ticket_words USING fts5(terms, content = 'ticket_search', content_rowid = 'id',
  tokenize = 'ascii', detail = none, columnsize = 0);
)sql",
     R"sql(
CREATE TABLE ticket_search (
  id bigint NOT NULL,
  county varchar(6) COLLATE "C" NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  grid varchar(15) COLLATE "C" NOT NULL,
  cell bigint,
  words bigint NOT NULL,
  terms text COLLATE "C" NOT NULL,
  found_by text[] NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE INDEX ticket_search_by_grid ON ticket_search (county, category, grid, id) WHERE grid <> '';
CREATE INDEX ticket_search_by_category_cell ON ticket_search (county, category, cell, id)
  WHERE cell IS NOT NULL;
CREATE INDEX ticket_search_by_cell ON ticket_search (county, cell, id) WHERE cell IS NOT NULL;
CREATE INDEX ticket_search_words ON ticket_search USING gin (found_by) WITH (fastupdate = off);
)sql"},
    // Who helps with which order; arbitrations and what they set, newest first by falling seq, past
    // rulings by category and community; whistles, and their calls for both sides by the day,
    // YYYYMMDD.
    {10, "cooperation", kCooperationSqlite, kCooperationPostgres},
    // The desk of a unit by the time left, whose desk an order lies on, and how many things its
    // caller must still be told.
    {11, "desks and duties to tell", R"sql(
ALTER TABLE tickets ADD COLUMN assignee TEXT NOT NULL DEFAULT '' CHECK (length(assignee) <= 63);
ALTER TABLE tickets ADD COLUMN duties INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_desk ON tickets (county, lead, due_us, number) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_assigned ON tickets (county, lead, assignee, number) WHERE assignee <> '';
CREATE INDEX tickets_duties ON tickets (county, number) WHERE duties > 0;
)sql",
     R"sql(
ALTER TABLE tickets ADD COLUMN assignee varchar(63) COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN duties bigint NOT NULL DEFAULT 0;
CREATE INDEX tickets_desk ON tickets (county, lead, due_us, number) WHERE due_us IS NOT NULL;
CREATE INDEX tickets_assigned ON tickets (county, lead, assignee, number) WHERE assignee <> '';
CREATE INDEX tickets_duties ON tickets (county, number) WHERE duties > 0;
)sql"},
    // Seq and n: the record that a notice follows from, and its number among that record's.
    {12, "notices", R"sql(
CREATE TABLE notices (
  county TEXT NOT NULL CHECK (length(county) = 6),
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  unit TEXT NOT NULL CHECK (length(unit) <= 100),
  unread INTEGER NOT NULL CHECK (unread IN (0, 1)),
  try_us INTEGER,
  lease_us INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (county, seq, n)
) STRICT;
CREATE INDEX notices_inbox ON notices (county, unit, seq, n) WHERE unit <> '';
CREATE INDEX notices_due ON notices (try_us) WHERE try_us IS NOT NULL;
)sql",
     R"sql(
CREATE TABLE notices (
  county varchar(6) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  n bigint NOT NULL,
  unit varchar(100) COLLATE "C" NOT NULL,
  unread bigint NOT NULL CHECK (unread IN (0, 1)),
  try_us bigint,
  lease_us bigint NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (county, seq, n)
);
CREATE INDEX notices_inbox ON notices (county, unit, seq, n) WHERE unit <> '';
CREATE INDEX notices_due ON notices (try_us) WHERE try_us IS NOT NULL;
)sql"},
    // 督办: what an order's supervisions are listed by; the order has the rest. `waits_us`: until
    // when a report may come, while it is waited for.
    {13, "supervisions",
     R"sql(
CREATE TABLE ticket_supervisions (
  county TEXT NOT NULL CHECK (length(county) = 6),
  number TEXT NOT NULL CHECK (length(number) = 15),
  nth INTEGER NOT NULL,
  level INTEGER NOT NULL,
  state INTEGER NOT NULL,
  unit TEXT NOT NULL CHECK (length(unit) <= 100),
  raise_us INTEGER NOT NULL,
  waits_us INTEGER,
  PRIMARY KEY (county, number, nth)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_supervisions_by_time ON ticket_supervisions (county, raise_us, number, nth);
CREATE INDEX ticket_supervisions_by_unit ON ticket_supervisions (county, unit, raise_us, number, nth);
CREATE INDEX ticket_supervisions_waiting ON ticket_supervisions (county, raise_us, number, nth)
  WHERE waits_us IS NOT NULL;
)sql",
     R"sql(
CREATE TABLE ticket_supervisions (
  county varchar(6) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  nth bigint NOT NULL,
  level bigint NOT NULL,
  state bigint NOT NULL,
  unit varchar(100) COLLATE "C" NOT NULL,
  raise_us bigint NOT NULL,
  waits_us bigint,
  PRIMARY KEY (county, number, nth)
);
CREATE INDEX ticket_supervisions_by_time ON ticket_supervisions (county, raise_us, number, nth);
CREATE INDEX ticket_supervisions_by_unit ON ticket_supervisions (county, unit, raise_us, number, nth);
CREATE INDEX ticket_supervisions_waiting ON ticket_supervisions (county, raise_us, number, nth)
  WHERE waits_us IS NOT NULL;
)sql"},
    // Exports as files: `running` until done, `hidden` while its files are being removed; the pages
    // hold the numbers of the orders found, with commas between.
    {14, "exports", kExportsSqlite, kExportsPostgres},
    {15, "heat", kHeatSqlite, kHeatPostgres},
    {16, "knowledge base", kKnowledgeSqlite, kKnowledgePostgres},
    {17, "attachments", kAttachmentsSqlite, kAttachmentsPostgres},
    {18, "publishing", kPublishingSqlite, kPublishingPostgres},
    {19, "superior platforms, police links, number blocks", kSuperiorSqlite, kSuperiorPostgres},
    {20, "hung-up orders and points in the figures", kMeasureSqlite, kMeasurePostgres},
};

}  // namespace

absl::Span<const sql::Migration> TicketMigrations() { return kMigrations; }

}  // namespace baimi::ticket::store

// The text of the migration for helpers, arbitrations and whistles.
#ifndef BAIMI_SERVICES_TICKET_STORE_COOPERATION_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_COOPERATION_SCHEMA_H_

namespace baimi::ticket::store {

inline constexpr char kCooperationSqlite[] = R"sql(
CREATE TABLE ticket_helpers (
  county TEXT NOT NULL CHECK (length(county) = 6),
  unit TEXT NOT NULL CHECK (length(unit) <= 100),
  number TEXT NOT NULL CHECK (length(number) = 15),
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  PRIMARY KEY (county, unit, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_helpers_open ON ticket_helpers (county, unit, number) WHERE open = 1;
ALTER TABLE ticket_figures ADD COLUMN help_asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket_figures ADD COLUMN help_given INTEGER NOT NULL DEFAULT 0;
ALTER TABLE ticket_figures ADD COLUMN help_late INTEGER NOT NULL DEFAULT 0;
CREATE TABLE arbitrations (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  seq INTEGER NOT NULL,
  ticket TEXT NOT NULL CHECK (length(ticket) = 15),
  category TEXT NOT NULL CHECK (length(category) <= 6),
  area TEXT NOT NULL CHECK (length(area) <= 12),
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  ruled_us INTEGER,
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE UNIQUE INDEX arbitrations_by_seq ON arbitrations (county, seq);
CREATE UNIQUE INDEX arbitrations_open ON arbitrations (county, ticket) WHERE open = 1;
CREATE INDEX arbitrations_by_ticket ON arbitrations (county, ticket, seq);
CREATE INDEX arbitrations_by_category ON arbitrations (county, category, seq);
CREATE INDEX arbitrations_by_place ON arbitrations (county, category, area, seq);
CREATE INDEX arbitrations_ruled ON arbitrations (county, category, ruled_us)
  WHERE ruled_us IS NOT NULL;
CREATE INDEX arbitrations_ruled_here ON arbitrations (county, category, area, ruled_us)
  WHERE ruled_us IS NOT NULL;
CREATE TABLE precedents (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  seq INTEGER NOT NULL,
  category TEXT NOT NULL CHECK (length(category) <= 6),
  withdrawn INTEGER NOT NULL CHECK (withdrawn IN (0, 1)),
  body BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE UNIQUE INDEX precedents_by_seq ON precedents (county, seq);
CREATE INDEX precedents_in_force ON precedents (county, category) WHERE withdrawn = 0;
CREATE TABLE whistles (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  seq INTEGER NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT;
CREATE UNIQUE INDEX whistles_by_seq ON whistles (county, seq);
CREATE INDEX whistles_open ON whistles (county, seq) WHERE open = 1;
CREATE TABLE whistle_units (
  county TEXT NOT NULL CHECK (length(county) = 6),
  unit TEXT NOT NULL CHECK (length(unit) <= 100),
  seq INTEGER NOT NULL,
  open INTEGER NOT NULL CHECK (open IN (0, 1)),
  PRIMARY KEY (county, unit, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX whistle_units_open ON whistle_units (county, unit, seq) WHERE open = 1;
CREATE TABLE whistle_calls (
  county TEXT NOT NULL CHECK (length(county) = 6),
  day INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  unit TEXT NOT NULL CHECK (length(unit) <= 100),
  whistler TEXT NOT NULL CHECK (length(whistler) <= 100),
  reported INTEGER NOT NULL,
  in_time INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  rating INTEGER NOT NULL,
  rating_back INTEGER NOT NULL,
  PRIMARY KEY (county, day, seq, unit)
) STRICT, WITHOUT ROWID;
)sql";

inline constexpr char kCooperationPostgres[] = R"sql(
CREATE TABLE ticket_helpers (
  county varchar(6) COLLATE "C" NOT NULL,
  unit varchar(100) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  open bigint NOT NULL CHECK (open IN (0, 1)),
  PRIMARY KEY (county, unit, number)
);
CREATE INDEX ticket_helpers_open ON ticket_helpers (county, unit, number) WHERE open = 1;
ALTER TABLE ticket_figures ADD COLUMN help_asked bigint NOT NULL DEFAULT 0;
ALTER TABLE ticket_figures ADD COLUMN help_given bigint NOT NULL DEFAULT 0;
ALTER TABLE ticket_figures ADD COLUMN help_late bigint NOT NULL DEFAULT 0;
CREATE TABLE arbitrations (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  ticket varchar(15) COLLATE "C" NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  area varchar(12) COLLATE "C" NOT NULL,
  open bigint NOT NULL CHECK (open IN (0, 1)),
  ruled_us bigint,
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX arbitrations_by_seq ON arbitrations (county, seq);
CREATE UNIQUE INDEX arbitrations_open ON arbitrations (county, ticket) WHERE open = 1;
CREATE INDEX arbitrations_by_ticket ON arbitrations (county, ticket, seq);
CREATE INDEX arbitrations_by_category ON arbitrations (county, category, seq);
CREATE INDEX arbitrations_by_place ON arbitrations (county, category, area, seq);
CREATE INDEX arbitrations_ruled ON arbitrations (county, category, ruled_us)
  WHERE ruled_us IS NOT NULL;
CREATE INDEX arbitrations_ruled_here ON arbitrations (county, category, area, ruled_us)
  WHERE ruled_us IS NOT NULL;
CREATE TABLE precedents (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  withdrawn bigint NOT NULL CHECK (withdrawn IN (0, 1)),
  body bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX precedents_by_seq ON precedents (county, seq);
CREATE INDEX precedents_in_force ON precedents (county, category) WHERE withdrawn = 0;
CREATE TABLE whistles (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  open bigint NOT NULL CHECK (open IN (0, 1)),
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
CREATE UNIQUE INDEX whistles_by_seq ON whistles (county, seq);
CREATE INDEX whistles_open ON whistles (county, seq) WHERE open = 1;
CREATE TABLE whistle_units (
  county varchar(6) COLLATE "C" NOT NULL,
  unit varchar(100) COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  open bigint NOT NULL CHECK (open IN (0, 1)),
  PRIMARY KEY (county, unit, seq)
);
CREATE INDEX whistle_units_open ON whistle_units (county, unit, seq) WHERE open = 1;
CREATE TABLE whistle_calls (
  county varchar(6) COLLATE "C" NOT NULL,
  day bigint NOT NULL,
  seq bigint NOT NULL,
  unit varchar(100) COLLATE "C" NOT NULL,
  whistler varchar(100) COLLATE "C" NOT NULL,
  reported bigint NOT NULL,
  in_time bigint NOT NULL,
  answered bigint NOT NULL,
  rating bigint NOT NULL,
  rating_back bigint NOT NULL,
  PRIMARY KEY (county, day, seq, unit)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_COOPERATION_SCHEMA_H_

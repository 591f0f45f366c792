// The migration "heat": what each order counts for in the heat, orders and reports among them by
// cell and day (whole days since 1970-01-01), and the newest settlement of each cluster.
#ifndef BAIMI_SERVICES_TICKET_STORE_HEAT_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_HEAT_SCHEMA_H_

namespace baimi::ticket::store {

inline constexpr char kHeatSqlite[] = R"sql(
CREATE TABLE ticket_heat_orders (
  county TEXT NOT NULL CHECK (length(county) = 6),
  number TEXT NOT NULL CHECK (length(number) = 15),
  day INTEGER NOT NULL,
  grid TEXT NOT NULL CHECK (length(grid) <= 15),
  area TEXT NOT NULL CHECK (length(area) <= 12),
  category TEXT NOT NULL CHECK (length(category) <= 6),
  report INTEGER NOT NULL CHECK (report IN (0, 1)),
  subject TEXT NOT NULL CHECK (length(subject) <= 100),
  PRIMARY KEY (county, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_heat_orders_by_category ON ticket_heat_orders (county, category, day, number);
CREATE INDEX ticket_heat_orders_by_subject ON ticket_heat_orders (county, subject, day)
  WHERE subject <> '';
CREATE TABLE ticket_heat (
  county TEXT NOT NULL CHECK (length(county) = 6),
  day INTEGER NOT NULL,
  level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
  place TEXT NOT NULL CHECK (length(place) <= 15),
  category TEXT NOT NULL CHECK (length(category) <= 6),
  orders INTEGER NOT NULL,
  reports INTEGER NOT NULL,
  PRIMARY KEY (county, day, level, place, category)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_heat_by_cell ON ticket_heat (county, level, place, category, day);
CREATE TABLE ticket_clusters (
  county TEXT NOT NULL CHECK (length(county) = 6),
  id TEXT NOT NULL CHECK (length(id) <= 40),
  key_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (county, id)
) STRICT, WITHOUT ROWID;
)sql";

inline constexpr char kHeatPostgres[] = R"sql(
CREATE TABLE ticket_heat_orders (
  county varchar(6) COLLATE "C" NOT NULL,
  number varchar(15) COLLATE "C" NOT NULL,
  day bigint NOT NULL,
  grid varchar(15) COLLATE "C" NOT NULL,
  area varchar(12) COLLATE "C" NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  report bigint NOT NULL CHECK (report IN (0, 1)),
  subject varchar(100) COLLATE "C" NOT NULL,
  PRIMARY KEY (county, number)
);
CREATE INDEX ticket_heat_orders_by_category ON ticket_heat_orders (county, category, day, number);
CREATE INDEX ticket_heat_orders_by_subject ON ticket_heat_orders (county, subject, day)
  WHERE subject <> '';
CREATE TABLE ticket_heat (
  county varchar(6) COLLATE "C" NOT NULL,
  day bigint NOT NULL,
  level bigint NOT NULL CHECK (level BETWEEN 1 AND 3),
  place varchar(15) COLLATE "C" NOT NULL,
  category varchar(6) COLLATE "C" NOT NULL,
  orders bigint NOT NULL,
  reports bigint NOT NULL,
  PRIMARY KEY (county, day, level, place, category)
);
CREATE INDEX ticket_heat_by_cell ON ticket_heat (county, level, place, category, day);
CREATE TABLE ticket_clusters (
  county varchar(6) COLLATE "C" NOT NULL,
  id varchar(40) COLLATE "C" NOT NULL,
  key_id bigint NOT NULL,
  body bytea NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (county, id)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_HEAT_SCHEMA_H_

// The text of the migration for hung-up orders and points of supervision in the figures.
#ifndef BAIMI_SERVICES_TICKET_STORE_MEASURE_SCHEMA_H_
#define BAIMI_SERVICES_TICKET_STORE_MEASURE_SCHEMA_H_

namespace baimi::ticket::store {

// The figures are counted anew under another name of their projection.
inline constexpr char kMeasureSqlite[] = R"sql(
ALTER TABLE ticket_figures ADD COLUMN supervision_points INTEGER NOT NULL DEFAULT 0;
DELETE FROM ticket_figures;
DELETE FROM ticket_figure_shares;
CREATE TABLE ticket_hung_up (
  county TEXT NOT NULL CHECK (length(county) = 6),
  grouping INTEGER NOT NULL,
  span INTEGER NOT NULL,
  key TEXT NOT NULL CHECK (length(key) <= 200),
  suspended INTEGER NOT NULL,
  PRIMARY KEY (county, grouping, span, key)
) STRICT, WITHOUT ROWID;
)sql";

inline constexpr char kMeasurePostgres[] = R"sql(
ALTER TABLE ticket_figures ADD COLUMN supervision_points bigint NOT NULL DEFAULT 0;
DELETE FROM ticket_figures;
DELETE FROM ticket_figure_shares;
CREATE TABLE ticket_hung_up (
  county varchar(6) COLLATE "C" NOT NULL,
  grouping bigint NOT NULL,
  span bigint NOT NULL,
  key varchar(200) COLLATE "C" NOT NULL,
  suspended bigint NOT NULL,
  PRIMARY KEY (county, grouping, span, key)
);
)sql";

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_MEASURE_SCHEMA_H_

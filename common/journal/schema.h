// The journal's statements, in one place so that migrations and queries are read together.
#ifndef BAIMI_COMMON_JOURNAL_SCHEMA_H_
#define BAIMI_COMMON_JOURNAL_SCHEMA_H_

#include "common/sql/database.h"

namespace baimi::journal {

inline constexpr sql::Statement kLockHead = {
    "journal.lock_head",
    "SELECT seq, hash FROM journal_heads WHERE county = $1 AND stream = $2 /*for update*/"};
inline constexpr sql::Statement kCreateHead = {
    "journal.create_head",
    "INSERT INTO journal_heads (county, stream, seq, hash) VALUES ($1, $2, 0, $3) "
    "ON CONFLICT (county, stream) DO NOTHING"};
inline constexpr sql::Statement kSaveHead = {
    "journal.save_head",
    "UPDATE journal_heads SET seq = $3, hash = $4 WHERE county = $1 AND stream = $2"};
inline constexpr sql::Statement kReadHead = {
    "journal.read_head", "SELECT seq FROM journal_heads WHERE county = $1 AND stream = $2"};
inline constexpr sql::Statement kReadHeadHash = {
    "journal.read_head_hash",
    "SELECT seq, hash FROM journal_heads WHERE county = $1 AND stream = $2"};
inline constexpr sql::Statement kListHeads = {
    "journal.list_heads",
    "SELECT county, stream, seq, hash FROM journal_heads ORDER BY county, stream"};
inline constexpr sql::Statement kAppend = {
    "journal.append",
    "INSERT INTO journal (county, stream, seq, resource, time_us, bytes, hash) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};
inline constexpr sql::Statement kHashAt = {
    "journal.hash_at", "SELECT hash FROM journal WHERE county = $1 AND stream = $2 AND seq = $3"};
inline constexpr sql::Statement kReadStream = {
    "journal.read_stream",
    "SELECT bytes, hash, seq, resource, time_us FROM journal "
    "WHERE county = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4"};
// In two steps: asked in one, SQLite, which keeps no statistics, prefers the primary key and reads
// a county's whole journal for the history of one resource.
inline constexpr sql::Statement kReadResource = {
    "journal.read_resource",
    "SELECT bytes FROM journal WHERE county = $1 AND stream = 'main' AND seq IN "
    "(SELECT seq FROM journal WHERE county = $1 AND resource = $2 AND stream = 'main' "
    "AND seq > $3 ORDER BY seq LIMIT $4) ORDER BY seq"};
inline constexpr sql::Statement kOrphans = {
    "journal.orphans",
    "SELECT county, stream FROM journal AS j WHERE NOT EXISTS (SELECT 1 FROM journal_heads AS h "
    "WHERE h.county = j.county AND h.stream = j.stream) LIMIT 1"};
inline constexpr sql::Statement kFindRequest = {
    "journal.find_request",
    "SELECT fingerprint, answer, sealed, seq FROM requests "
    "WHERE county = $1 AND actor = $2 AND method = $3 AND request_id = $4 AND expires_us > $5"};
inline constexpr sql::Statement kSaveRequest = {
    "journal.save_request",
    "INSERT INTO requests "
    "(county, actor, method, request_id, fingerprint, answer, sealed, seq, expires_us) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (county, actor, method, request_id) DO UPDATE SET fingerprint = $5, answer = $6, "
    "sealed = $7, seq = $8, expires_us = $9"};
inline constexpr sql::Statement kSweepRequests = {
    "journal.sweep_requests",
    "DELETE FROM requests WHERE (county, actor, method, request_id) IN "
    "(SELECT county, actor, method, request_id FROM requests WHERE expires_us <= $1 LIMIT $2)"};

inline constexpr sql::Statement kBehind = {
    "journal.behind",
    "SELECT h.county FROM journal_heads AS h LEFT JOIN projections AS p "
    "ON p.county = h.county AND p.name = $1 "
    "WHERE h.stream = $2 AND h.seq > COALESCE(p.seq, 0) ORDER BY h.county"};
inline constexpr sql::Statement kCreateProjection = {
    "journal.create_projection",
    "INSERT INTO projections (county, name, seq) VALUES ($1, $2, 0) "
    "ON CONFLICT (county, name) DO NOTHING"};
inline constexpr sql::Statement kLockProjection = {
    "journal.lock_projection",
    "SELECT seq FROM projections WHERE county = $1 AND name = $2 /*for update skip locked*/"};
inline constexpr sql::Statement kMoveProjection = {
    "journal.move_projection", "UPDATE projections SET seq = $3 WHERE county = $1 AND name = $2"};
inline constexpr sql::Statement kReadProjection = {
    "journal.read_projection", "SELECT seq FROM projections WHERE county = $1 AND name = $2"};

}  // namespace baimi::journal

#endif  // BAIMI_COMMON_JOURNAL_SCHEMA_H_

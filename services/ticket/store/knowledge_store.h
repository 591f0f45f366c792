// The tables of the knowledge base. All methods run inside the caller's transaction and touch one
// county only. Nothing personal stands in them.
#ifndef BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_STORE_H_
#define BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "baimi/ticket/v1/knowledge.pb.h"
#include "common/sql/database.h"

namespace baimi::ticket::store {

// The number at the end of "counties/*/articles/*" or "counties/*/answerTemplates/*"; 0 when it is
// none.
int64_t KnowledgeId(absl::string_view name);

// Stateless; thread-safe.
class KnowledgeStore {
 public:
  // NOT_FOUND when absent.
  static absl::StatusOr<v1::Article> LoadArticle(sql::Reader& reader, absl::string_view name);
  static absl::StatusOr<v1::AnswerTemplate> LoadTemplate(sql::Reader& reader,
                                                         absl::string_view name);

  // The row and its words.
  static absl::Status Insert(sql::Tx& tx, const v1::Article& article);
  static absl::Status Update(sql::Tx& tx, const v1::Article& article);
  // The same where title and body are as they were.
  static absl::Status UpdateUse(sql::Tx& tx, const v1::Article& article);
  static absl::Status Insert(sql::Tx& tx, const v1::AnswerTemplate& row);
  static absl::Status Update(sql::Tx& tx, const v1::AnswerTemplate& row);

  // Ids below `below` (0: from the newest), newest first.
  static absl::StatusOr<std::vector<v1::Article>> ListArticles(sql::Reader& reader,
                                                               absl::string_view county,
                                                               int64_t below, int limit);
  static absl::StatusOr<std::vector<v1::AnswerTemplate>> ListTemplates(sql::Reader& reader,
                                                                       absl::string_view county,
                                                                       int64_t below, int limit);

  // Names of the articles that hold every token of `text` (common/text/analyzer.h), those that
  // have more of them in the title first, then the newest. None for a text without tokens.
  static absl::StatusOr<std::vector<std::string>> Search(sql::Reader& reader,
                                                         absl::string_view county,
                                                         absl::string_view text);
};

}  // namespace baimi::ticket::store

#endif  // BAIMI_SERVICES_TICKET_STORE_KNOWLEDGE_STORE_H_

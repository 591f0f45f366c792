// The use cases of the knowledge base.
#ifndef BAIMI_SERVICES_TICKET_API_KNOWLEDGE_API_H_
#define BAIMI_SERVICES_TICKET_API_KNOWLEDGE_API_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "baimi/ticket/v1/knowledge_service.pb.h"
#include "common/base/async.h"
#include "common/base/call.h"
#include "services/ticket/api/orders.h"
#include "services/ticket/api/parts.h"
#include "services/ticket/domain/knowledge.h"

namespace baimi::ticket::api {

// What a direct answer is made of.
struct AnswerMaking {
  // Unset where the request names neither article nor template.
  std::optional<v1::AnswerSource> source = {};
  // Of the article; not written yet.
  std::optional<domain::ArticleStep> use = {};
};
// NOT_FOUND; KNOWLEDGE_NOT_IN_FORCE.
absl::StatusOr<AnswerMaking> LookUpMaking(Orders::Work& work,
                                          const v1::AnswerTicketRequest& request);
// Counts the use.
absl::Status SaveUse(Orders::Work& work, const AnswerMaking& making);

// Thread-safe.
class KnowledgeApi {
 public:
  explicit KnowledgeApi(const Parts& parts) : parts_(parts) {}

  Async<v1::Article> CreateArticle(const Call& call, const v1::CreateArticleRequest& request);
  Async<v1::Article> GetArticle(const Call& call, const v1::GetArticleRequest& request);
  Async<v1::ListArticlesResponse> ListArticles(const Call& call,
                                               const v1::ListArticlesRequest& request);
  Async<v1::SearchArticlesResponse> SearchArticles(const Call& call,
                                                   const v1::SearchArticlesRequest& request);
  Async<v1::Article> UpdateArticle(const Call& call, const v1::UpdateArticleRequest& request);
  Async<v1::Article> WithdrawArticle(const Call& call, const v1::WithdrawArticleRequest& request);

  Async<v1::AnswerTemplate> CreateTemplate(const Call& call,
                                           const v1::CreateAnswerTemplateRequest& request);
  Async<v1::AnswerTemplate> GetTemplate(const Call& call,
                                        const v1::GetAnswerTemplateRequest& request);
  Async<v1::ListAnswerTemplatesResponse> ListTemplates(
      const Call& call, const v1::ListAnswerTemplatesRequest& request);
  Async<v1::AnswerTemplate> UpdateTemplate(const Call& call,
                                           const v1::UpdateAnswerTemplateRequest& request);
  Async<v1::AnswerTemplate> WithdrawTemplate(const Call& call,
                                             const v1::WithdrawAnswerTemplateRequest& request);
  Async<v1::DraftAnswerResponse> DraftAnswer(const Call& call,
                                             const v1::DraftAnswerRequest& request);

 private:
  const Parts parts_;
  const Orders orders_{parts_};
};

}  // namespace baimi::ticket::api

#endif  // BAIMI_SERVICES_TICKET_API_KNOWLEDGE_API_H_

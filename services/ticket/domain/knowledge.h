// The knowledge base (知识库): articles that consultations are answered from, and templates of the
// answers. domain.md §1.11: the units keep it up to date, and what is stale must be found.
#ifndef BAIMI_SERVICES_TICKET_DOMAIN_KNOWLEDGE_H_
#define BAIMI_SERVICES_TICKET_DOMAIN_KNOWLEDGE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "baimi/ticket/v1/knowledge_events.pb.h"
#include "baimi/ticket/v1/knowledge_service.pb.h"
#include "services/ticket/domain/decision.h"

namespace baimi::ticket::domain {

v1::ArticleState StateOf(const v1::Article& article, absl::Time now);

// Of `categories` of an article or template: names this category or one above it, or none at all.
bool IsAbout(const google::protobuf::RepeatedPtrField<std::string>& categories,
             absl::string_view category);

// Save the row and record the fact, in one transaction.
struct ArticleStep {
  v1::Article article;
  v1::ArticleFact fact;
};
struct TemplateStep {
  v1::AnswerTemplate answer_template;
  v1::AnswerTemplateFact fact;
};

// The article as it is wanted, in place of `before` or, where that is null, new under `name`. What
// is OUTPUT_ONLY in `wanted` counts for nothing. INVALID_ARGUMENT: a valid_until that is not later
// than valid_from; a unit of another county; UNKNOWN_CATEGORY. NOT_THE_KEEPER: the actor has a unit
// that is not the article's, before or after. KNOWLEDGE_NOT_IN_FORCE: it was withdrawn.
absl::StatusOr<ArticleStep> WriteArticle(const v1::Article* before, v1::Article wanted,
                                         absl::string_view name, const Context& context);
// KNOWLEDGE_NOT_IN_FORCE when it was withdrawn already; ABORTED by etag.
absl::StatusOr<ArticleStep> WithdrawArticle(const v1::Article& article,
                                            const v1::WithdrawArticleRequest& request,
                                            const Context& context);
// The order `ticket` is answered from it. KNOWLEDGE_NOT_IN_FORCE unless it is ARTICLE_IN_FORCE.
absl::StatusOr<ArticleStep> UseArticle(const v1::Article& article, absl::string_view ticket,
                                       const Context& context);
v1::Article Apply(v1::Article row, const v1::ArticleFact& fact);

// As WriteArticle; INVALID_ARGUMENT for braces that do not match and unknown placeholders.
absl::StatusOr<TemplateStep> WriteTemplate(const v1::AnswerTemplate* before,
                                           v1::AnswerTemplate wanted, absl::string_view name,
                                           const Context& context);
absl::StatusOr<TemplateStep> WithdrawTemplate(const v1::AnswerTemplate& row,
                                              const v1::WithdrawAnswerTemplateRequest& request,
                                              const Context& context);
v1::AnswerTemplate Apply(v1::AnswerTemplate row, const v1::AnswerTemplateFact& fact);

// KNOWLEDGE_NOT_IN_FORCE of one that was withdrawn.
absl::Status CheckInForce(const v1::AnswerTemplate& row);

// The words of the template for the order. `article` may be null where the template names nothing
// of one, else INVALID_ARGUMENT; KNOWLEDGE_NOT_IN_FORCE of either.
absl::StatusOr<std::string> DraftAnswer(const v1::AnswerTemplate& row, const v1::Article* article,
                                        const v1::Ticket& ticket, const Context& context);

}  // namespace baimi::ticket::domain

#endif  // BAIMI_SERVICES_TICKET_DOMAIN_KNOWLEDGE_H_

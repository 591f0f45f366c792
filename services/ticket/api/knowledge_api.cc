#include "services/ticket/api/knowledge_api.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/resource/update.h"
#include "services/ticket/api/id_pages.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"
#include "services/ticket/store/knowledge_store.h"

namespace baimi::ticket::api {
namespace {

using Store = store::KnowledgeStore;

constexpr int kResults = 20;

v1::Article Shown(v1::Article article, absl::Time now) {
  article.set_state(domain::StateOf(article, now));
  return article;
}

absl::StatusOr<v1::Article> LoadArticle(sql::Reader& reader, absl::string_view county,
                                        const std::string& name) {
  if (domain::CountyOf(name) != county) {
    return NotFound(name);
  }
  return Store::LoadArticle(reader, name);
}

absl::StatusOr<v1::AnswerTemplate> LoadTemplate(sql::Reader& reader, absl::string_view county,
                                                const std::string& name) {
  if (domain::CountyOf(name) != county) {
    return NotFound(name);
  }
  return Store::LoadTemplate(reader, name);
}

absl::StatusOr<v1::Article> Save(Orders::Work& work, const domain::ArticleStep& step) {
  BAIMI_RETURN_IF_ERROR(work.tx.Record(step.article.name(), step.fact, privacy::kNoKey).status());
  const bool is_new = step.fact.has_written() && step.article.version() == 1;
  BAIMI_RETURN_IF_ERROR(is_new                    ? Store::Insert(work.tx.sql(), step.article)
                        : step.fact.has_written() ? Store::Update(work.tx.sql(), step.article)
                                                  : Store::UpdateUse(work.tx.sql(), step.article));
  return Shown(step.article, work.context.now);
}

absl::StatusOr<v1::AnswerTemplate> Save(Orders::Work& work, const domain::TemplateStep& step) {
  const v1::AnswerTemplate& row = step.answer_template;
  BAIMI_RETURN_IF_ERROR(work.tx.Record(row.name(), step.fact, privacy::kNoKey).status());
  const bool is_new = step.fact.has_written() && row.version() == 1;
  BAIMI_RETURN_IF_ERROR(is_new ? Store::Insert(work.tx.sql(), row)
                               : Store::Update(work.tx.sql(), row));
  return row;
}

// Of a row, none where it is not known: earlier than `bound`.
bool IsBefore(bool known, const google::protobuf::Timestamp& time,
              const google::protobuf::Timestamp& bound) {
  return !known || domain::FromProto(time) < domain::FromProto(bound);
}

bool Fits(const v1::Article& article, const v1::ListArticlesRequest& request, absl::Time now) {
  const bool stale =
      (!request.has_unused_since() ||
       IsBefore(article.has_last_use_time(), article.last_use_time(), request.unused_since())) &&
      (!request.has_unchanged_since() ||
       IsBefore(true, article.update_time(), request.unchanged_since())) &&
      (!request.has_ends_before() ||
       (article.has_valid_until() && IsBefore(true, article.valid_until(), request.ends_before())));
  return stale &&
         (request.state() == v1::ARTICLE_STATE_UNSPECIFIED ||
          request.state() == domain::StateOf(article, now)) &&
         (request.unit().empty() || request.unit() == article.unit()) &&
         (request.category().empty() || domain::IsAbout(article.categories(), request.category()));
}

}  // namespace

absl::StatusOr<AnswerMaking> LookUpMaking(Orders::Work& work,
                                          const v1::AnswerTicketRequest& request) {
  AnswerMaking making;
  if (!request.article().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const v1::Article article,
                           LoadArticle(work.tx.sql(), work.tx.county(), request.article()));
    BAIMI_ASSIGN_OR_RETURN(making.use, domain::UseArticle(article, request.name(), work.context));
    making.source.emplace();
    making.source->set_article(article.name());
    making.source->set_article_version(article.version());
  }
  if (!request.template_().empty()) {
    BAIMI_ASSIGN_OR_RETURN(const v1::AnswerTemplate row,
                           LoadTemplate(work.tx.sql(), work.tx.county(), request.template_()));
    BAIMI_RETURN_IF_ERROR(domain::CheckInForce(row));
    making.source = making.source.value_or(v1::AnswerSource());
    making.source->set_template_(row.name());
    making.source->set_template_version(row.version());
  }
  return making;
}

absl::Status SaveUse(Orders::Work& work, const AnswerMaking& making) {
  return making.use ? Save(work, *making.use).status() : absl::OkStatus();
}

Async<v1::Article> KnowledgeApi::CreateArticle(const Call& call,
                                               const v1::CreateArticleRequest& request) {
  return orders_.TransactAs<v1::Article>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::Article> {
        const std::string name =
            absl::StrCat("counties/", work.tx.county(), "/articles/", work.tx.next_seq());
        BAIMI_ASSIGN_OR_RETURN(
            const domain::ArticleStep step,
            domain::WriteArticle(nullptr, request.article(), name, work.context));
        return Save(work, step);
      });
}

Async<v1::Article> KnowledgeApi::GetArticle(const Call& call,
                                            const v1::GetArticleRequest& request) {
  v1::Article article;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(article, LoadArticle(reader, call.county, request.name()));
        return absl::OkStatus();
      }));
  return Shown(std::move(article), call.now);
}

Async<v1::ListArticlesResponse> KnowledgeApi::ListArticles(const Call& call,
                                                           const v1::ListArticlesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const int64_t below, BelowOf(cursor));
  std::vector<v1::Article> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, Store::ListArticles(reader, call.county, below, kLookAt));
        return absl::OkStatus();
      }));
  v1::ListArticlesResponse response;
  const int64_t next = TakePage<v1::Article>(
      rows, size, [&](const v1::Article& row) { return Fits(row, request, call.now); },
      [&](const v1::Article& row) { *response.add_articles() = Shown(row, call.now); });
  if (next != 0) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(next)}}));
  }
  return response;
}

Async<v1::SearchArticlesResponse> KnowledgeApi::SearchArticles(
    const Call& call, const v1::SearchArticlesRequest& request) {
  const int wanted = request.max_results() == 0 ? kResults : request.max_results();
  v1::SearchArticlesResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        response.Clear();
        BAIMI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                               Store::Search(reader, call.county, request.text()));
        const size_t some = std::min(names.size(), kLookAt);
        for (size_t i = 0; i < some && response.articles_size() < wanted; ++i) {
          BAIMI_ASSIGN_OR_RETURN(v1::Article article, Store::LoadArticle(reader, names[i]));
          article = Shown(std::move(article), call.now);
          if ((request.all() || article.state() == v1::ARTICLE_IN_FORCE) &&
              (request.category().empty() ||
               domain::IsAbout(article.categories(), request.category()))) {
            *response.add_articles() = std::move(article);
          }
        }
        return absl::OkStatus();
      }));
  return response;
}

Async<v1::Article> KnowledgeApi::UpdateArticle(const Call& call,
                                               const v1::UpdateArticleRequest& request) {
  return orders_.TransactAs<v1::Article>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::Article> {
        const std::string& name = request.article().name();
        BAIMI_ASSIGN_OR_RETURN(const v1::Article before,
                               LoadArticle(work.tx.sql(), work.tx.county(), name));
        BAIMI_RETURN_IF_ERROR(domain::CheckVersion(before.etag(), request.article().etag()));
        v1::Article wanted = before;
        BAIMI_RETURN_IF_ERROR(
            resource::ApplyUpdate(request.article(), request.update_mask(), &wanted));
        BAIMI_ASSIGN_OR_RETURN(const domain::ArticleStep step,
                               domain::WriteArticle(&before, wanted, name, work.context));
        return wanted.SerializeAsString() == before.SerializeAsString()
                   ? Shown(before, work.context.now)
                   : Save(work, step);
      });
}

Async<v1::Article> KnowledgeApi::WithdrawArticle(const Call& call,
                                                 const v1::WithdrawArticleRequest& request) {
  return orders_.TransactAs<v1::Article>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::Article> {
        BAIMI_ASSIGN_OR_RETURN(const v1::Article before,
                               LoadArticle(work.tx.sql(), work.tx.county(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(const domain::ArticleStep step,
                               domain::WithdrawArticle(before, request, work.context));
        return Save(work, step);
      });
}

Async<v1::AnswerTemplate> KnowledgeApi::CreateTemplate(
    const Call& call, const v1::CreateAnswerTemplateRequest& request) {
  return orders_.TransactAs<v1::AnswerTemplate>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AnswerTemplate> {
        const std::string name =
            absl::StrCat("counties/", work.tx.county(), "/answerTemplates/", work.tx.next_seq());
        BAIMI_ASSIGN_OR_RETURN(
            const domain::TemplateStep step,
            domain::WriteTemplate(nullptr, request.answer_template(), name, work.context));
        return Save(work, step);
      });
}

Async<v1::AnswerTemplate> KnowledgeApi::GetTemplate(const Call& call,
                                                    const v1::GetAnswerTemplateRequest& request) {
  v1::AnswerTemplate row;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(row, LoadTemplate(reader, call.county, request.name()));
        return absl::OkStatus();
      }));
  return row;
}

Async<v1::ListAnswerTemplatesResponse> KnowledgeApi::ListTemplates(
    const Call& call, const v1::ListAnswerTemplatesRequest& request) {
  BAIMI_ASSIGN_OR_RETURN(const int size, resource::PageSize(request.page_size()));
  const resource::PageQuery query = resource::PageQueryOf(call.method, request);
  BAIMI_ASSIGN_OR_RETURN(const resource::PageCursor cursor,
                         parts_.tokens->Read(query, request.page_token()));
  BAIMI_ASSIGN_OR_RETURN(const int64_t below, BelowOf(cursor));
  std::vector<v1::AnswerTemplate> rows;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(rows, Store::ListTemplates(reader, call.county, below, kLookAt));
        return absl::OkStatus();
      }));
  v1::ListAnswerTemplatesResponse response;
  const int64_t next = TakePage<v1::AnswerTemplate>(
      rows, size,
      [&](const v1::AnswerTemplate& row) {
        return (request.all() || !row.has_withdraw_time()) &&
               (request.category().empty() ||
                domain::IsAbout(row.categories(), request.category()));
      },
      [&](const v1::AnswerTemplate& row) { *response.add_answer_templates() = row; });
  if (next != 0) {
    response.set_next_page_token(parts_.tokens->Make(query, {{absl::StrCat(next)}}));
  }
  return response;
}

Async<v1::AnswerTemplate> KnowledgeApi::UpdateTemplate(
    const Call& call, const v1::UpdateAnswerTemplateRequest& request) {
  return orders_.TransactAs<v1::AnswerTemplate>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AnswerTemplate> {
        const v1::AnswerTemplate& update = request.answer_template();
        BAIMI_ASSIGN_OR_RETURN(const v1::AnswerTemplate before,
                               LoadTemplate(work.tx.sql(), work.tx.county(), update.name()));
        BAIMI_RETURN_IF_ERROR(domain::CheckVersion(before.etag(), update.etag()));
        v1::AnswerTemplate wanted = before;
        BAIMI_RETURN_IF_ERROR(resource::ApplyUpdate(update, request.update_mask(), &wanted));
        BAIMI_ASSIGN_OR_RETURN(const domain::TemplateStep step,
                               domain::WriteTemplate(&before, wanted, update.name(), work.context));
        return wanted.SerializeAsString() == before.SerializeAsString()
                   ? absl::StatusOr<v1::AnswerTemplate>(before)
                   : Save(work, step);
      });
}

Async<v1::AnswerTemplate> KnowledgeApi::WithdrawTemplate(
    const Call& call, const v1::WithdrawAnswerTemplateRequest& request) {
  return orders_.TransactAs<v1::AnswerTemplate>(
      call, [request](Orders::Work& work) -> absl::StatusOr<v1::AnswerTemplate> {
        BAIMI_ASSIGN_OR_RETURN(const v1::AnswerTemplate before,
                               LoadTemplate(work.tx.sql(), work.tx.county(), request.name()));
        BAIMI_ASSIGN_OR_RETURN(const domain::TemplateStep step,
                               domain::WithdrawTemplate(before, request, work.context));
        return Save(work, step);
      });
}

Async<v1::DraftAnswerResponse> KnowledgeApi::DraftAnswer(const Call& call,
                                                         const v1::DraftAnswerRequest& request) {
  v1::DraftAnswerResponse response;
  BAIMI_RETURN_IF_ERROR(
      parts_.database->Read({call.machine_deadline}, [&](sql::Reader& reader) -> absl::Status {
        BAIMI_ASSIGN_OR_RETURN(const store::TicketRow order,
                               LoadVisible(parts_, reader, call, request.name()));
        BAIMI_ASSIGN_OR_RETURN(const auto policy,
                               parts_.policies->At(reader, call.county, call.now));
        BAIMI_ASSIGN_OR_RETURN(const v1::AnswerTemplate row,
                               LoadTemplate(reader, call.county, request.template_()));
        std::optional<v1::Article> article;
        if (!request.article().empty()) {
          BAIMI_ASSIGN_OR_RETURN(article, LoadArticle(reader, call.county, request.article()));
        }
        BAIMI_ASSIGN_OR_RETURN(*response.mutable_text(),
                               domain::DraftAnswer(row, article ? &*article : nullptr, order.ticket,
                                                   {call.now, call.actor, *policy}));
        return absl::OkStatus();
      }));
  return response;
}

}  // namespace baimi::ticket::api

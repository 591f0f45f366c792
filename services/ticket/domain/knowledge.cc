#include "services/ticket/domain/knowledge.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/answers.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/names.h"
#include "services/ticket/domain/placeholders.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

const std::set<std::string>& OfOrders() {
  static const auto& names = *new std::set<std::string>{"category", "number"};
  return names;
}
const std::set<std::string>& OfArticles() {
  static const auto& names = *new std::set<std::string>{"article", "basis", "body", "source"};
  return names;
}

std::string AtShanghai(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, ShanghaiZone());
}

absl::Status NotInForce(absl::string_view name, absl::string_view got, absl::string_view got_zh) {
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_KNOWLEDGE_NOT_IN_FORCE,
               absl::StrCat(name, ": got one that ", got, ", want one in force"), got_zh)
      .With("name", name);
}

absl::Status Withdrawn(absl::string_view name, absl::string_view title,
                       const google::protobuf::Timestamp& time) {
  return NotInForce(
      name, absl::StrCat("was withdrawn at ", AtShanghai(FromProto(time))),
      absl::StrCat("“", title, "”已于 ", ZhDue(FromProto(time)), " 撤回，不能使用或修改"));
}

absl::Status CheckUsable(const v1::Article& article, absl::Time now) {
  switch (StateOf(article, now)) {
    case v1::ARTICLE_IN_FORCE:
      return absl::OkStatus();
    case v1::ARTICLE_NOT_YET: {
      const absl::Time from = FromProto(article.valid_from());
      return NotInForce(
          article.name(), absl::StrCat("is valid from ", AtShanghai(from), " on"),
          absl::StrCat("知识“", article.title(), "”自 ", ZhDue(from), " 起才有效，不能据此答复"));
    }
    case v1::ARTICLE_EXPIRED: {
      const absl::Time until = FromProto(article.valid_until());
      return NotInForce(
          article.name(), absl::StrCat("expired at ", AtShanghai(until)),
          absl::StrCat("知识“", article.title(), "”已于 ", ZhDue(until), " 过期，不能据此答复"));
    }
    default:
      return Withdrawn(article.name(), article.title(), article.withdraw_time());
  }
}

// By whoever has no unit, or by the unit that keeps it.
absl::Status CheckKeeper(absl::string_view name, const std::string& keeper,
                         const Context& context) {
  const std::string& unit = context.actor.unit();
  if (unit.empty() || IdOf(keeper) == unit) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_KEEPER,
               absl::StrCat("actor.unit: got ", unit, ", want ", IdOf(keeper), ", which keeps ",
                            name.empty() ? "the article" : name),
               absl::StrCat("该知识由“", IdOf(keeper), "”维护，您的单位是“", unit, "”"))
      .With("unit", unit)
      .With("keeper", IdOf(keeper));
}

absl::Status CheckCategories(absl::string_view path,
                             const google::protobuf::RepeatedPtrField<std::string>& categories,
                             const Context& context) {
  for (int i = 0; i < categories.size(); ++i) {
    BAIMI_RETURN_IF_ERROR(CheckCategory(absl::StrCat(path, "[", i, "]"), categories[i], context));
  }
  return absl::OkStatus();
}

absl::Status CheckArticle(const v1::Article& wanted, absl::string_view county,
                          const Context& context) {
  if (wanted.has_valid_from() && wanted.has_valid_until() &&
      FromProto(wanted.valid_until()) <= FromProto(wanted.valid_from())) {
    return InvalidField(
        "article.valid_until", AtShanghai(FromProto(wanted.valid_until())),
        absl::StrCat("later than valid_from, ", AtShanghai(FromProto(wanted.valid_from()))),
        "失效时间须晚于生效时间");
  }
  if (!wanted.unit().empty() && !InCollection(wanted.unit(), county, "units")) {
    return InvalidField("article.unit", wanted.unit(), absl::StrCat("a unit of county ", county),
                        "本县的单位");
  }
  return CheckCategories("article.categories", wanted.categories(), context);
}

absl::Status CheckPlaceholders(const std::string& text) {
  std::set<std::string> known = OfOrders();
  known.insert(OfArticles().begin(), OfArticles().end());
  std::string wrong;
  const bool whole = WalkTemplate(
      text, [](absl::string_view) {},
      [&](absl::string_view name) {
        if (wrong.empty() && !known.contains(std::string(name))) {
          wrong = absl::StrCat("{", name, "}");
        }
      });
  if (!wrong.empty()) {
    const std::string all = absl::StrCat("{", absl::StrJoin(known, "} {"), "}");
    return InvalidField("answer_template.text", wrong, absl::StrCat("one of ", all),
                        absl::StrCat("占位符只能是 ", all));
  }
  return whole ? absl::OkStatus()
               : InvalidField("answer_template.text", "a brace alone", "braces in pairs",
                              "花括号须成对");
}

}  // namespace

v1::ArticleState StateOf(const v1::Article& article, absl::Time now) {
  if (article.has_withdraw_time()) {
    return v1::ARTICLE_WITHDRAWN;
  }
  if (article.has_valid_until() && FromProto(article.valid_until()) <= now) {
    return v1::ARTICLE_EXPIRED;
  }
  return article.has_valid_from() && FromProto(article.valid_from()) > now ? v1::ARTICLE_NOT_YET
                                                                           : v1::ARTICLE_IN_FORCE;
}

bool IsAbout(const google::protobuf::RepeatedPtrField<std::string>& categories,
             absl::string_view category) {
  return categories.empty() ||
         std::any_of(categories.begin(), categories.end(),
                     [&](const std::string& one) { return absl::StartsWith(category, one); });
}

absl::StatusOr<ArticleStep> WriteArticle(const v1::Article* before, v1::Article wanted,
                                         absl::string_view name, const Context& context) {
  const absl::string_view county = CountyOf(name);
  if (before == nullptr && wanted.unit().empty() && !context.actor.unit().empty()) {
    wanted.set_unit(absl::StrCat("counties/", county, "/units/", context.actor.unit()));
  }
  BAIMI_RETURN_IF_ERROR(CheckKeeper(before == nullptr ? "" : name,
                                    before == nullptr ? wanted.unit() : before->unit(), context));
  if (before != nullptr && before->has_withdraw_time()) {
    return Withdrawn(before->name(), before->title(), before->withdraw_time());
  }
  BAIMI_RETURN_IF_ERROR(CheckArticle(wanted, county, context));
  ArticleStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  v1::Article& article = *step.fact.mutable_written()->mutable_article();
  article = std::move(wanted);
  article.set_name(std::string(name));
  article.clear_state();
  article.clear_withdraw_time();
  article.clear_rationale();
  article.set_version(before == nullptr ? 1 : before->version() + 1);
  article.set_etag(EtagOf(article.version()));
  *article.mutable_create_time() = before == nullptr ? step.fact.time() : before->create_time();
  *article.mutable_update_time() = step.fact.time();
  article.set_use_count(before == nullptr ? 0 : before->use_count());
  article.clear_last_use_time();
  if (before != nullptr && before->has_last_use_time()) {
    *article.mutable_last_use_time() = before->last_use_time();
  }
  step.article = Apply(v1::Article(), step.fact);
  return step;
}

absl::StatusOr<ArticleStep> WithdrawArticle(const v1::Article& article,
                                            const v1::WithdrawArticleRequest& request,
                                            const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(article.etag(), request.etag()));
  if (article.has_withdraw_time()) {
    return Withdrawn(article.name(), article.title(), article.withdraw_time());
  }
  ArticleStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  step.fact.mutable_withdrawn()->set_rationale(request.rationale());
  step.article = Apply(article, step.fact);
  return step;
}

absl::StatusOr<ArticleStep> UseArticle(const v1::Article& article, absl::string_view ticket,
                                       const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckUsable(article, context.now));
  ArticleStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  step.fact.mutable_used()->set_ticket(std::string(ticket));
  step.article = Apply(article, step.fact);
  return step;
}

v1::Article Apply(v1::Article row, const v1::ArticleFact& fact) {
  switch (fact.fact_case()) {
    case v1::ArticleFact::kWritten:
      return fact.written().article();
    case v1::ArticleFact::kWithdrawn:
      *row.mutable_withdraw_time() = fact.time();
      row.set_rationale(fact.withdrawn().rationale());
      return row;
    case v1::ArticleFact::kUsed:
      row.set_use_count(row.use_count() + 1);
      *row.mutable_last_use_time() = fact.time();
      return row;
    default:
      return row;
  }
}

absl::StatusOr<TemplateStep> WriteTemplate(const v1::AnswerTemplate* before,
                                           v1::AnswerTemplate wanted, absl::string_view name,
                                           const Context& context) {
  if (before != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckInForce(*before));
  }
  BAIMI_RETURN_IF_ERROR(CheckPlaceholders(wanted.text()));
  BAIMI_RETURN_IF_ERROR(
      CheckCategories("answer_template.categories", wanted.categories(), context));
  TemplateStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  v1::AnswerTemplate& row = *step.fact.mutable_written()->mutable_answer_template();
  row = std::move(wanted);
  row.set_name(std::string(name));
  row.clear_withdraw_time();
  row.clear_rationale();
  row.set_version(before == nullptr ? 1 : before->version() + 1);
  row.set_etag(EtagOf(row.version()));
  *row.mutable_create_time() = before == nullptr ? step.fact.time() : before->create_time();
  *row.mutable_update_time() = step.fact.time();
  step.answer_template = Apply(v1::AnswerTemplate(), step.fact);
  return step;
}

absl::StatusOr<TemplateStep> WithdrawTemplate(const v1::AnswerTemplate& row,
                                              const v1::WithdrawAnswerTemplateRequest& request,
                                              const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(row.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckInForce(row));
  TemplateStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  step.fact.mutable_withdrawn()->set_rationale(request.rationale());
  step.answer_template = Apply(row, step.fact);
  return step;
}

v1::AnswerTemplate Apply(v1::AnswerTemplate row, const v1::AnswerTemplateFact& fact) {
  if (fact.has_written()) {
    return fact.written().answer_template();
  }
  if (fact.has_withdrawn()) {
    *row.mutable_withdraw_time() = fact.time();
    row.set_rationale(fact.withdrawn().rationale());
  }
  return row;
}

absl::Status CheckInForce(const v1::AnswerTemplate& row) {
  return row.has_withdraw_time() ? Withdrawn(row.name(), row.title(), row.withdraw_time())
                                 : absl::OkStatus();
}

absl::StatusOr<std::string> DraftAnswer(const v1::AnswerTemplate& row, const v1::Article* article,
                                        const v1::Ticket& ticket, const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckInForce(row));
  if (article != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckUsable(*article, context.now));
  }
  bool wants_article = false;
  WalkTemplate(
      row.text(), [](absl::string_view) {},
      [&](absl::string_view name) {
        wants_article = wants_article || OfArticles().contains(std::string(name));
      });
  if (wants_article && article == nullptr) {
    return InvalidField("article", "nothing", "the article that the template quotes",
                        "模板引用了知识，须选择一条");
  }
  const v1::Category* category = context.policy.FindCategory(ticket.category());
  std::map<std::string, std::string> values = {
      {"number", std::string(IdOf(ticket.name()))},
      {"category", category == nullptr ? ticket.category() : category->display_name()}};
  if (article != nullptr) {
    values["article"] = article->title();
    values["body"] = article->body();
    values["basis"] = article->legal_basis();
    values["source"] = article->source();
  }
  return FillTemplate(row.text(), values);
}

}  // namespace baimi::ticket::domain

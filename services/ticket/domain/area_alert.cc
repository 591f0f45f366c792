#include "services/ticket/domain/area_alert.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "services/ticket/domain/apply.h"
#include "services/ticket/domain/proto_time.h"
#include "services/ticket/domain/resource_name.h"
#include "services/ticket/domain/versions.h"

namespace baimi::ticket::domain {
namespace {

std::string AtShanghai(absl::Time time) {
  return absl::FormatTime(absl::RFC3339_sec, time, ShanghaiZone());
}

// 469030100000 -> 469030100, 469030000000 -> 469030: what the codes of all that lies in it begin
// with.
absl::string_view PrefixOf(absl::string_view code) {
  while (code.size() > 6 && absl::ConsumeSuffix(&code, "000")) {
  }
  return code;
}

absl::Status CheckKeeper(absl::string_view name, const std::string& keeper,
                         const Context& context) {
  const std::string& unit = context.actor.unit();
  if (unit.empty() || IdOf(keeper) == unit) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kPermissionDenied, v1::ERROR_REASON_NOT_THE_KEEPER,
               absl::StrCat("actor.unit: got ", unit, ", want ", IdOf(keeper), ", which tells ",
                            name.empty() ? "the alert" : name),
               absl::StrCat("该通知由“", IdOf(keeper), "”发布，您的单位是“", unit, "”"))
      .With("unit", unit)
      .With("keeper", IdOf(keeper));
}

absl::Status CheckGoesOn(const v1::AreaAlert& alert, absl::Time now) {
  const v1::AreaAlertState state = StateOf(alert, now);
  if (state == v1::ALERT_AHEAD || state == v1::ALERT_IN_FORCE) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_ILLEGAL_TRANSITION,
               absl::StrCat("state: got ", v1::AreaAlertState_Name(state),
                            ", want ALERT_AHEAD or ALERT_IN_FORCE"),
               state == v1::ALERT_OVER ? "该通知已结束，不能修改或撤回"
                                       : "该通知已撤回，不能修改或再次撤回")
      .With("state", v1::AreaAlertState_Name(state));
}

absl::Status CheckTimes(const v1::AreaAlert& wanted, const v1::AreaAlertPolicy& policy,
                        absl::Time now) {
  const absl::Time start = FromProto(wanted.start_time());
  const absl::Time end = FromProto(wanted.end_time());
  if (end <= start || end <= now) {
    return InvalidField("area_alert.end_time", AtShanghai(end),
                        absl::StrCat("later than start_time, ", AtShanghai(start), ", and now"),
                        "结束时间须晚于开始时间和现在");
  }
  if (end - start > absl::Hours(24 * policy.max_days())) {
    return InvalidField("area_alert.end_time", AtShanghai(end),
                        absl::StrCat("at most ", policy.max_days(), " days after start_time"),
                        absl::StrCat("最长", policy.max_days(), "天"));
  }
  return absl::OkStatus();
}

absl::Status CheckWanted(const v1::AreaAlert& wanted, absl::string_view county,
                         const Context& context) {
  if (!context.policy.policy().has_area_alerts()) {
    return Error(absl::StatusCode::kFailedPrecondition, v1::ERROR_REASON_NOT_APPLICABLE,
                 "area_alerts: got a policy without them, want one that has them",
                 "本县政策没有区域通知");
  }
  const v1::AreaAlertPolicy& policy = context.policy.policy().area_alerts();
  if (std::none_of(policy.kinds().begin(), policy.kinds().end(),
                   [&](const v1::AlertKind& kind) { return kind.id() == wanted.kind(); })) {
    return InvalidField("area_alert.kind", wanted.kind(), "a kind of the policy's area_alerts",
                        "政策中的通知种类");
  }
  if (wanted.areas().empty()) {
    return InvalidField("area_alert.areas", "nothing", "at least one area", "至少一个区域");
  }
  for (int i = 0; i < wanted.areas_size(); ++i) {
    if (!InCollection(wanted.areas(i), county, "areas") ||
        !absl::StartsWith(IdOf(wanted.areas(i)), county) || IdOf(wanted.areas(i)).size() != 12) {
      return InvalidField(absl::StrCat("area_alert.areas[", i, "]"), wanted.areas(i),
                          absl::StrCat("counties/", county, "/areas/ and 12 digits of the county"),
                          "本县的区域");
    }
  }
  if (!wanted.unit().empty() && !InCollection(wanted.unit(), county, "units")) {
    return InvalidField("area_alert.unit", wanted.unit(), absl::StrCat("a unit of county ", county),
                        "本县的单位");
  }
  return CheckTimes(wanted, policy, context.now);
}

}  // namespace

v1::AreaAlertState StateOf(const v1::AreaAlert& alert, absl::Time now) {
  if (alert.has_withdraw_time()) {
    return v1::ALERT_WITHDRAWN;
  }
  if (now < FromProto(alert.start_time())) {
    return v1::ALERT_AHEAD;
  }
  return now < FromProto(alert.end_time()) ? v1::ALERT_IN_FORCE : v1::ALERT_OVER;
}

bool IsInForce(const v1::AreaAlert& alert, absl::Time time) {
  return StateOf(alert, time) == v1::ALERT_IN_FORCE;
}

bool IsFor(const v1::AreaAlert& alert, absl::string_view code, bool subtree) {
  return std::any_of(alert.areas().begin(), alert.areas().end(), [&](const std::string& area) {
    return absl::StartsWith(code, PrefixOf(IdOf(area))) ||
           (subtree && absl::StartsWith(IdOf(area), PrefixOf(code)));
  });
}

absl::StatusOr<AreaAlertStep> WriteAreaAlert(const v1::AreaAlert* before, v1::AreaAlert wanted,
                                             absl::string_view name, const Context& context) {
  const absl::string_view county = CountyOf(name);
  if (wanted.unit().empty() && !context.actor.unit().empty()) {
    wanted.set_unit(absl::StrCat("counties/", county, "/units/", context.actor.unit()));
  }
  if (before != nullptr) {
    BAIMI_RETURN_IF_ERROR(CheckKeeper(name, before->unit(), context));
    BAIMI_RETURN_IF_ERROR(CheckGoesOn(*before, context.now));
  }
  BAIMI_RETURN_IF_ERROR(CheckKeeper(before == nullptr ? "" : name, wanted.unit(), context));
  BAIMI_RETURN_IF_ERROR(CheckWanted(wanted, county, context));
  AreaAlertStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  v1::AreaAlert& alert = *step.fact.mutable_written()->mutable_area_alert();
  alert = std::move(wanted);
  alert.set_name(std::string(name));
  alert.clear_state();
  alert.clear_rationale();
  alert.clear_withdraw_time();
  *alert.mutable_create_time() = before == nullptr ? step.fact.time() : before->create_time();
  *alert.mutable_update_time() = step.fact.time();
  alert.set_version(before == nullptr ? 1 : before->version() + 1);
  alert.set_etag(EtagOf(alert.version()));
  step.alert = Apply(v1::AreaAlert(), step.fact);
  return step;
}

absl::StatusOr<AreaAlertStep> WithdrawAreaAlert(const v1::AreaAlert& alert,
                                                const v1::WithdrawAreaAlertRequest& request,
                                                const Context& context) {
  BAIMI_RETURN_IF_ERROR(CheckVersion(alert.etag(), request.etag()));
  BAIMI_RETURN_IF_ERROR(CheckKeeper(alert.name(), alert.unit(), context));
  BAIMI_RETURN_IF_ERROR(CheckGoesOn(alert, context.now));
  AreaAlertStep step;
  *step.fact.mutable_time() = ToProto(context.now);
  step.fact.mutable_withdrawn()->set_rationale(request.rationale());
  step.alert = Apply(alert, step.fact);
  return step;
}

v1::AreaAlert Apply(v1::AreaAlert row, const v1::AreaAlertFact& fact) {
  if (fact.has_written()) {
    return fact.written().area_alert();
  }
  if (fact.has_withdrawn()) {
    *row.mutable_withdraw_time() = fact.time();
    *row.mutable_update_time() = fact.time();
    row.set_rationale(fact.withdrawn().rationale());
    row.set_version(row.version() + 1);
    row.set_etag(EtagOf(row.version()));
  }
  return row;
}

void CheckAreaAlertPolicy(
    const v1::AreaAlertPolicy& policy,
    absl::FunctionRef<void(absl::string_view path, absl::string_view got, absl::string_view want)>
        violate) {
  if (policy.kinds().empty()) {
    violate("area_alerts.kinds", "", "at least one kind");
  }
  std::set<std::string> ids;
  for (int i = 0; i < policy.kinds_size(); ++i) {
    const v1::AlertKind& kind = policy.kinds(i);
    const std::string path = absl::StrCat("area_alerts.kinds[", i, "]");
    if (kind.id().empty() || !ids.insert(kind.id()).second) {
      violate(absl::StrCat(path, ".id"), kind.id(), "an id, each once");
    }
    if (kind.display_name().empty()) {
      violate(absl::StrCat(path, ".display_name"), "", "a name");
    }
  }
  if (policy.max_days() < 1 || policy.max_days() > 366) {
    violate("area_alerts.max_days", absl::StrCat(policy.max_days()), "1 to 366");
  }
}

}  // namespace baimi::ticket::domain

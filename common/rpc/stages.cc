#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/error.h"
#include "common/base/status_macros.h"
#include "common/observe/log.h"
#include "common/observe/trace.h"
#include "common/privacy/mask.h"
#include "common/resource/format.h"
#include "common/resource/name.h"
#include "common/resource/validate.h"
#include "common/rpc/runtime.h"
#include "grpcpp/server_context.h"

namespace baimi::rpc {
namespace {

using type::v1::ErrorReason;

absl::string_view CodeName(const absl::Status& status) {
  // Only constants, so that the view outlives the call.
  static const auto* const names = [] {
    auto* all = new std::array<std::string, 17>;
    for (int code = 0; code < 17; ++code) {
      (*all)[static_cast<size_t>(code)] =
          absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
    }
    return all;
  }();
  const auto code = static_cast<size_t>(status.raw_code());
  return code < names->size() ? absl::string_view((*names)[code]) : "UNKNOWN";
}

Stage Trace(const RuntimeOptions& options) {
  Stage stage{.name = "trace"};
  stage.admit = [options](CallState& state) {
    const auto trace = observe::ContinueTrace(state.Metadata("traceparent"), *options.rng);
    state.call.trace_id = trace.trace_id;
    state.call.span_id = trace.span_id;
    state.call.method = state.method->full_name();
    state.received = options.clock->Now();
    state.call.now = state.received;
    return absl::OkStatus();
  };
  return stage;
}

// As far as it may be logged: what is no request id may be anything, personal data too. Such a call
// is refused, but later than this is read.
absl::string_view RequestIdOf(const Call& call) {
  static const options::v1::FieldRule& rule = *[] {
    auto* token = new options::v1::FieldRule();
    token->set_format(options::v1::REQUEST_ID_TOKEN);
    return token;
  }();
  const bool fits = resource::CheckFormat("", rule, call.request_id, call.now).ok();
  return fits ? absl::string_view(call.request_id) : absl::string_view();
}

// Who, what, how long, how it ended; no value of a request but its id.
Stage AccessLog(const RuntimeOptions& options) {
  Stage stage{.name = "access_log", .after = {"trace"}};
  stage.finish = [options](CallState& state, google::protobuf::Message*, absl::Status& status) {
    const absl::Duration took = options.clock->Now() - state.received;
    const bool change = state.method->policy().audit() != options::v1::NONE;
    if (status.ok() && !change && !options.log_every_call && took < options.slow) {
      return;
    }
    const bool fault = absl::IsInternal(status) || absl::IsUnknown(status);
    observe::Log(fault ? observe::LogLevel::kError : observe::LogLevel::kInfo, "call",
                 {{"method", state.method->full_name()},
                  {"code", CodeName(status)},
                  {"reason", status.ok() ? "" : ReasonOf(status)},
                  {"error_id", state.error_id},
                  {"actor", state.call.actor.id()},
                  {"county", state.call.county},
                  {"request_id", RequestIdOf(state.call)},
                  {"call_trace", state.call.trace_id},
                  {"took", took}});
  };
  return stage;
}

Stage Metrics(const RuntimeOptions& options) {
  auto* served = &options.metrics->Counters("baimi_rpc_served_total", "Calls that ended, by code.",
                                            {"method", "code"});
  auto* latency =
      &options.metrics->Histograms("baimi_rpc_seconds", "From arrival to answer, lanes included.",
                                   {"method"}, observe::LatencyBuckets());
  Stage stage{.name = "metrics", .after = {"access_log"}};
  stage.finish = [=, clock = options.clock](CallState& state, google::protobuf::Message*,
                                            absl::Status& status) {
    served->With({state.method->full_name(), CodeName(status)}).Add();
    latency->With({state.method->full_name()}).Observe(clock->Now() - state.received);
  };
  return stage;
}

// Every error leaves with a reason of ours; what only the log may know stays there.
Stage ErrorMask(const RuntimeOptions& options) {
  Stage stage{.name = "error_mask", .after = {"metrics"}};
  stage.finish = [options](CallState& state, google::protobuf::Message*, absl::Status& status) {
    const std::string reason = status.ok() ? "" : ReasonOf(status);
    if (status.ok() || (!reason.empty() && reason != "INTERNAL")) {
      return;
    }
    if (absl::IsCancelled(status)) {
      return;  // Nobody is there to read a reason.
    }
    if (absl::IsUnavailable(status) || absl::IsAborted(status)) {
      status =
          Error(absl::StatusCode::kUnavailable, ErrorReason::ERROR_REASON_DEPENDENCY_UNAVAILABLE,
                "a part that the call needs is not available; retry with the same request_id",
                "依赖的服务暂不可用，请使用相同的 request_id 重试")
              .RetryAfter(absl::Milliseconds(200));
      return;
    }
    if (absl::IsDeadlineExceeded(status)) {
      status = Error(absl::StatusCode::kDeadlineExceeded, ErrorReason::ERROR_REASON_DEADLINE_PASSED,
                     "deadline: passed while the call ran", "处理超时");
      return;
    }
    state.error_id = NewUuid(*options.rng);
    observe::Log(observe::LogLevel::kError, "internal error",
                 {{"error_id", state.error_id},
                  {"method", state.method->full_name()},
                  {"call_trace", state.call.trace_id},
                  {"status", status}});
    status = Error(absl::StatusCode::kInternal, ErrorReason::ERROR_REASON_INTERNAL,
                   absl::StrCat("an internal error; the log has it under ", state.error_id),
                   absl::StrCat("系统内部错误，编号 ", state.error_id))
                 .With("error_id", state.error_id);
  };
  return stage;
}

Stage DrainGate(InFlight* in_flight) {
  Stage stage{.name = "drain_gate", .after = {"metrics", "error_mask"}};
  stage.admit = [in_flight](CallState& state) {
    return in_flight->Enter(&state) ? absl::OkStatus() : DrainingStatus();
  };
  stage.finish = [in_flight](CallState& state, google::protobuf::Message*, absl::Status&) {
    in_flight->Leave(&state);
  };
  return stage;
}

Stage Deadline() {
  Stage stage{.name = "deadline", .after = {"drain_gate"}};
  stage.admit = [](CallState& state) -> absl::Status {
    absl::Duration left = state.method->default_deadline();
    if (state.context != nullptr) {
      const auto wanted = state.context->deadline();
      if (wanted != std::chrono::system_clock::time_point::max()) {
        left = absl::FromChrono(wanted) - absl::Now();
      }
    } else if (state.local != nullptr && state.local->deadline != absl::InfiniteFuture()) {
      left = state.local->deadline - absl::Now();
    }
    if (left <= absl::ZeroDuration()) {
      return DeadlinePassedStatus();
    }
    if (!state.method->descriptor()->server_streaming()) {
      left = std::min(left, state.method->max_deadline());
      state.call.deadline = state.received + left;
      state.call.machine_deadline = absl::Now() + left;
    }
    return absl::OkStatus();
  };
  return stage;
}

Stage Authn(const RuntimeOptions& options) {
  Stage stage{.name = "authn", .after = {"metrics", "drain_gate"}};
  stage.admit = [options](CallState& state) -> absl::Status {
    const absl::string_view token = auth::BearerToken(state.Metadata("authorization"));
    BAIMI_ASSIGN_OR_RETURN(state.identity, options.authenticator->Authenticate(token));
    BAIMI_ASSIGN_OR_RETURN(state.call.actor,
                           auth::ActorOf(*state.identity, state.Metadata(auth::kActorMetadata)));
    state.call.scope = auth::ScopeOf(*state.identity);
    state.call.pii_view = state.identity->pii;
    return absl::OkStatus();
  };
  return stage;
}

Stage Authz() {
  Stage stage{.name = "authz", .after = {"authn"}};
  stage.admit = [](CallState& state) -> absl::Status {
    const std::string scope = state.method->Scope(*state.request);
    state.call.county = std::string(resource::CountyOf(scope));
    const auto& policy = state.method->policy();
    BAIMI_RETURN_IF_ERROR(auth::Authorize(*state.identity, policy, state.call.county));
    state.call.purpose = std::string(state.Metadata("baimi-purpose"));
    int64_t min_seq = 0;
    if (absl::SimpleAtoi(state.Metadata("baimi-min-seq"), &min_seq)) {
      state.call.min_seq = min_seq;
    }
    if (policy.audit() == options::v1::ACCESS) {
      state.call.pii_view = PiiView::kFull;  // The handler puts the read on record first.
    }
    return absl::OkStatus();
  };
  return stage;
}

Stage Idempotency() {
  Stage stage{.name = "idempotency", .after = {"authz"}};
  stage.admit = [](CallState& state) -> absl::Status {
    if (state.method->policy().idempotency() != options::v1::REQUEST_ID) {
      return absl::OkStatus();
    }
    state.call.request_id = state.method->RequestId(*state.request);
    state.call.validate_only = state.method->ValidateOnly(*state.request);
    if (!state.call.request_id.empty()) {
      state.call.fingerprint = state.method->Fingerprint(*state.request);
    }
    return absl::OkStatus();
  };
  return stage;
}

Stage Masking() {
  Stage stage{.name = "masking", .after = {"error_mask", "authz"}};
  stage.finish = [](CallState& state, google::protobuf::Message* response, absl::Status&) {
    if (response != nullptr && state.method->response_has_pii()) {
      privacy::Mask(response, state.call.pii_view);
    }
  };
  return stage;
}

Stage Validate() {
  Stage stage{.name = "validate", .after = {"authz"}};
  stage.prepare = [](CallState& state) {
    return resource::Validate(state.request, state.call.now);
  };
  return stage;
}

}  // namespace

std::vector<Stage> DefaultStages(const RuntimeOptions& options, InFlight* in_flight) {
  return {Trace(options),
          AccessLog(options),
          Metrics(options),
          ErrorMask(options),
          DrainGate(in_flight),
          Deadline(),
          Authn(options),
          Authz(),
          Quota(options.counters, options.quota, options.metrics),
          Idempotency(),
          Masking(),
          Validate()};
}

}  // namespace baimi::rpc

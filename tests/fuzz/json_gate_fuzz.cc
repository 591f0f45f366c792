// Bodies: the strict gate and the binder behind it.
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "common/transcode/json_binder.h"
#include "common/transcode/json_gate.h"
#include "nlohmann/json.hpp"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace transcode = baimi::transcode;
  const absl::string_view body = baimi::fuzz::Text(data, size);
  const absl::Status scanned = transcode::ScanJson(body);
  if (scanned.ok()) {
    Require(nlohmann::json::accept(body.begin(), body.end()), "what the gate lets through is JSON");
  } else {
    const std::string reason = baimi::ReasonOf(scanned);
    Require(reason == "MALFORMED_BODY" || reason == "BODY_TOO_DEEP" || reason == "BODY_TOO_LARGE",
            "a refusal has a reason of the gate");
    Require(baimi::BadRequestOf(scanned).has_value(), "a refusal names the field");
  }
  const auto wire =
      transcode::JsonToWire(*baimi::testing::v1::Dish::descriptor(), body, "", {}, {});
  if (wire.ok()) {
    baimi::testing::v1::Dish dish;
    Require(scanned.ok(), "what is bound passed the gate");
    Require(dish.ParseFromString(*wire), "what is bound is wire format");
  } else {
    Require(!baimi::ReasonOf(wire.status()).empty(), "a refusal has a reason");
  }
  return 0;
}

// Query strings and their binding.
#include "baimi/testing/v1/kitchen_sink.pb.h"
#include "common/base/error.h"
#include "common/transcode/transcoder.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace transcode = baimi::transcode;
  static const auto* const kContract =
      transcode::Contract::FromGenerated("baimi.testing.").release();
  static const auto* const kTranscoder = transcode::Transcoder::New(*kContract)->release();
  static const auto* const kList =
      new auto(*kTranscoder->routes().Find("GET", "/v1/counties/1/dishes"));
  static const auto* const kUpload =
      new auto(*kTranscoder->routes().Find("POST", "/v1/counties/1/dishes/2:uploadPhoto"));
  const auto wire = kTranscoder->BindRequest(*kList, baimi::fuzz::Text(data, size), "");
  if (wire.ok()) {
    baimi::testing::v1::ListDishesRequest request;
    Require(request.ParseFromString(*wire), "what is bound is wire format");
    Require(request.parent() == "counties/1", "the path wins");
  } else {
    Require(baimi::BadRequestOf(wire.status()).has_value(), "a refusal names the field");
  }
  const auto first =
      kTranscoder->BindRequest(*kUpload, baimi::fuzz::Text(data, size), "", "", "image/jpeg");
  if (first.ok()) {
    baimi::testing::v1::UploadPhotoRequest request;
    Require(request.ParseFromString(*first), "what is bound is wire format");
    Require(request.name() == "counties/1/dishes/2", "the path wins");
    Require(request.media_type() == "image/jpeg", "the header wins");
    Require(request.content().empty(), "the content comes in the body");
  } else {
    Require(baimi::BadRequestOf(first.status()).has_value(), "a refusal names the field");
  }
  return 0;
}

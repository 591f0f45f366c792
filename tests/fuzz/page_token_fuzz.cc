// Page tokens: forged ones, and real ones that were changed.
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/random.h"
#include "common/resource/page.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using baimi::fuzz::Require;
  namespace resource = baimi::resource;
  static const baimi::SimulatedClock kClock(absl::FromUnixSeconds(1'795'000'000));
  static baimi::Rng* const kRng = baimi::NewSeededRng(1).release();
  static const resource::PageTokens kTokens(std::string(32, 'k'), &kClock, kRng);
  static const resource::PageQuery kQuery{"/baimi.ticket.v1.TicketService/ListTickets", "f"};
  static const std::string kReal = kTokens.Make(kQuery, {{"20261122-000123"}});

  const std::string forged(baimi::fuzz::Text(data, size));
  const auto read = kTokens.Read(kQuery, forged);
  if (forged.empty()) {
    Require(read.ok() && read->last_key.empty(), "no token is the first page");
  } else if (forged != kReal) {
    Require(!read.ok(), "nobody makes a token");
    Require(baimi::ReasonOf(read.status()) == "BAD_PAGE_TOKEN", "a forged token has its reason");
  }
  // The input as a change of a real token.
  std::string changed = kReal;
  for (size_t i = 0; i + 1 < size; i += 2) {
    changed[data[i] % changed.size()] = static_cast<char>(data[i + 1]);
  }
  if (changed != kReal) {
    Require(!kTokens.Read(kQuery, changed).ok(), "a changed token is no token");
  }
  Require(kTokens.Read(kQuery, kReal).ok(), "the real one is");
  return 0;
}

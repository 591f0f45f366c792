// Random messages for property tests: every field of a type set or left out by chance.
#ifndef BAIMI_COMMON_PRIVACY_RANDOM_MESSAGE_H_
#define BAIMI_COMMON_PRIVACY_RANDOM_MESSAGE_H_

#include "common/base/random.h"
#include "google/protobuf/message.h"

namespace baimi::privacy {

// Sets about half of the fields; nests at most `depth` messages deep.
void FillRandomly(google::protobuf::Message* message, Rng& rng, int depth);

}  // namespace baimi::privacy

#endif  // BAIMI_COMMON_PRIVACY_RANDOM_MESSAGE_H_

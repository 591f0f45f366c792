// What the fuzz targets share. A target is one source file with LLVMFuzzerTestOneInput; its corpus
// stands in corpus/<name>. A broken promise ends the process, which libFuzzer reports with the
// input.
#ifndef BAIMI_TESTS_FUZZ_FUZZ_H_
#define BAIMI_TESTS_FUZZ_FUZZ_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/strings/string_view.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace baimi::fuzz {

inline absl::string_view Text(const uint8_t* data, size_t size) {
  return absl::string_view(reinterpret_cast<const char*>(data), size);
}

// `what` tells the promise.
inline void Require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
  }
}

}  // namespace baimi::fuzz

#endif  // BAIMI_TESTS_FUZZ_FUZZ_H_

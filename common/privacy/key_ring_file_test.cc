// What only the embedded key database promises: a destroyed key leaves its file.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "common/privacy/key_ring.h"
#include "common/privacy/key_ring_fixture.h"

namespace baimi::privacy {
namespace {

class KeyRingFile : public KeyRingFixture {
 protected:
  std::string Wrapped(KeyId id) {
    static constexpr sql::Statement kWrapped = {"test.wrapped",
                                                "SELECT wrapped FROM data_keys WHERE id = $1"};
    std::string wrapped;
    EXPECT_TRUE(database_
                    ->Read({},
                           [&](sql::Reader& reader) {
                             return reader.Query(kWrapped, {id}, [&](const sql::Row& row) {
                               wrapped = std::string(row.Bytes(0));
                               return absl::OkStatus();
                             });
                           })
                    .ok());
    return wrapped;
  }

  std::string AllFiles() const {
    std::stringstream all;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      if (absl::StrContains(entry.path().string(), "keys.db")) {
        all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      }
    }
    return all.str();
  }
};

TEST_F(KeyRingFile, Destroy_LeavesNoTraceInTheFileAfterClosing) {
  auto ring = OpenRing();
  const KeyId id = *ring->NewKey();
  const KeyId kept = *ring->NewKey();
  const std::string wrapped = Wrapped(id);
  const std::string wrapped_kept = Wrapped(kept);
  ASSERT_EQ(wrapped.size(), 60U);
  ASSERT_TRUE(ring->Destroy(id).ok());
  ring = nullptr;
  database_ = nullptr;
  EXPECT_FALSE(absl::StrContains(AllFiles(), wrapped));
  EXPECT_TRUE(absl::StrContains(AllFiles(), wrapped_kept));
}

}  // namespace
}  // namespace baimi::privacy

# Dependencies, warnings, sanitizers, compiler cache and linker: everything that is not a target.

option(BAIMI_ASAN "Address and undefined behaviour sanitizers" OFF)
option(BAIMI_TSAN "Thread sanitizer" OFF)
option(BAIMI_FUZZ "libFuzzer targets, with clang" OFF)
option(BAIMI_UNITY "Several sources in one compiler run" ON)
option(BAIMI_UNIT_ONLY "Build only what the unit and conformance tests need" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

# gRPC compiles with -pthread; one flag for all, or the precompiled header would not fit.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
add_compile_options(-pthread)
find_package(Protobuf REQUIRED)
find_package(absl REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PostgreSQL REQUIRED)
find_package(GTest REQUIRED)
find_library(BAIMI_S2 s2 REQUIRED)
find_library(BAIMI_HIREDIS hiredis REQUIRED)
find_library(BAIMI_LEMON lemon REQUIRED)
find_library(BAIMI_XLSXWRITER xlsxwriter REQUIRED)
find_library(BAIMI_EXIV2 exiv2 REQUIRED)
# Linked into the programs, not loaded: an image needs no package for it.
find_library(BAIMI_JEMALLOC libjemalloc_pic.a REQUIRED)
find_program(BAIMI_GRPC_PLUGIN grpc_cpp_plugin REQUIRED)

find_program(BAIMI_CCACHE ccache)
if(BAIMI_CCACHE)
  # The base directory and no hash of the working directory: two checkouts share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${BAIMI_CCACHE})
endif()
find_program(BAIMI_MOLD mold)
if(BAIMI_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,--as-needed)

set(BAIMI_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Werror)
if(BAIMI_UNITY)
  # It takes a class of an included source for one of a header.
  list(APPEND BAIMI_WARNINGS -Wno-subobject-linkage)
endif()

if(BAIMI_ASAN)
  # Without optimisation: half the time of compilation.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(BAIMI_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "BAIMI_FUZZ: got ${CMAKE_CXX_COMPILER_ID}, want Clang")
  endif()
  # What clang warns of beyond g++ is clang-tidy's business.
  set(BAIMI_WARNINGS -w)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                      -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1
                      -gline-tables-only)
  add_link_options(-fsanitize=address,undefined)
elseif(BAIMI_TSAN)
  # Debian's protobuf was built without: its messages must have the same members here. The same for
  # Abseil, whose locks tests/tsan/absl_sync.cc explains to the sanitizer.
  add_compile_options(-fsanitize=thread -U__SANITIZE_THREAD__ -O1 -g1)
  add_link_options(-fsanitize=thread)
endif()

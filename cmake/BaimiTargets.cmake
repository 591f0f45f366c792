# The few kinds of target there are. Every target sees the repository root and the generated protos
# as include roots, so that `#include` paths read from the root.

set(BAIMI_GEN_DIR ${CMAKE_BINARY_DIR}/gen)

# baimi_pch(name HEADER h [DEPS ...]): a precompiled header, built once. Targets below a directory that
# sets BAIMI_PCH to its name use it; files still include what they use (clang-tidy reads them without).
function(baimi_pch name)
  cmake_parse_arguments(ARG "" "HEADER" "DEPS" ${ARGN})
  add_library(${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/pch.cc)
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_include_directories(${name} SYSTEM PRIVATE ${BAIMI_GEN_DIR})
  target_precompile_headers(${name} PRIVATE ${CMAKE_SOURCE_DIR}/${ARG_HEADER})
  target_compile_options(${name} PRIVATE ${BAIMI_WARNINGS} -fpch-preprocess)
  target_link_libraries(${name} PRIVATE Threads::Threads ${ARG_DEPS})
endfunction()

# The standard library and Abseil pieces that every file uses.
baimi_pch(baimi_pch HEADER cmake/pch.h)
set(BAIMI_PCH baimi_pch)

function(_baimi_common target)
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR})
  target_include_directories(${target} SYSTEM PRIVATE ${BAIMI_GEN_DIR})
  target_compile_options(${target} PRIVATE ${BAIMI_WARNINGS} -fpch-preprocess)
  target_precompile_headers(${target} REUSE_FROM ${BAIMI_PCH})
  target_link_libraries(${target} PRIVATE Threads::Threads)
endfunction()

if(BAIMI_TSAN)
  add_library(baimi_absl_sync OBJECT ${CMAKE_SOURCE_DIR}/tests/tsan/absl_sync.cc)
  target_compile_options(baimi_absl_sync PRIVATE -fno-sanitize=thread)
  target_link_libraries(baimi_absl_sync PRIVATE absl::synchronization)
  link_libraries($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:$<TARGET_OBJECTS:baimi_absl_sync>>
                 ${CMAKE_DL_LIBS})
endif()

# baimi_library(name SRCS ... DEPS ...): one room or one common area.
function(baimi_library name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SRCS})
  _baimi_common(${name})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# baimi_binary(name SRCS ... DEPS ...): lands in <build>/bin.
function(baimi_binary name)
  cmake_parse_arguments(ARG "" "" "SRCS;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  _baimi_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS})
  # The sanitizers bring allocators of their own.
  if(NOT BAIMI_ASAN AND NOT BAIMI_TSAN)
    target_link_options(${name} PRIVATE -Wl,--undefined=malloc)
    target_link_libraries(${name} PRIVATE ${BAIMI_JEMALLOC})
  endif()
endfunction()

# baimi_test(name SRCS ... DEPS ... [LABELS ...] [TIMEOUT s]): a GoogleTest binary, one ctest entry.
function(baimi_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SRCS;DEPS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SRCS})
  _baimi_common(${name})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gmock GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()

# baimi_proto(name SRCS a.proto ... DEPS ... [GRPC]): messages of one package, built once.
function(baimi_proto name)
  cmake_parse_arguments(ARG "GRPC" "" "SRCS;DEPS" ${ARGN})
  set(generated)
  foreach(proto ${ARG_SRCS})
    string(REGEX REPLACE "\\.proto$" "" stem ${proto})
    set(outputs ${BAIMI_GEN_DIR}/${stem}.pb.cc ${BAIMI_GEN_DIR}/${stem}.pb.h)
    set(grpc_args)
    if(ARG_GRPC)
      list(APPEND outputs ${BAIMI_GEN_DIR}/${stem}.grpc.pb.cc ${BAIMI_GEN_DIR}/${stem}.grpc.pb.h)
      set(grpc_args --grpc_out=${BAIMI_GEN_DIR} --plugin=protoc-gen-grpc=${BAIMI_GRPC_PLUGIN})
    endif()
    add_custom_command(
      OUTPUT ${outputs}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${BAIMI_GEN_DIR}
      COMMAND protobuf::protoc -I${CMAKE_SOURCE_DIR}/protos --cpp_out=${BAIMI_GEN_DIR} ${grpc_args}
              ${CMAKE_SOURCE_DIR}/protos/${proto}
      DEPENDS ${CMAKE_SOURCE_DIR}/protos/${proto}
      COMMENT "protoc ${proto}" VERBATIM)
    list(APPEND generated ${outputs})
  endforeach()
  add_library(${name} OBJECT ${generated})
  target_include_directories(${name} SYSTEM PUBLIC ${BAIMI_GEN_DIR})
  target_compile_options(${name} PRIVATE -w)
  set_target_properties(${name} PROPERTIES CXX_CLANG_TIDY "")
  target_link_libraries(${name} PUBLIC ${ARG_DEPS} protobuf::libprotobuf)
  if(ARG_GRPC)
    target_link_libraries(${name} PUBLIC gRPC::grpc++)
  endif()
endfunction()

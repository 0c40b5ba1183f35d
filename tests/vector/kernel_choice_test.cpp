#include "beaver/vector/kernels.hpp"

#include "support/machine.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace beaver;
using namespace beaver::test;
using boost::unit_test::precondition;

namespace {

const kernel_set* named(std::string_view name) {
  const auto sets = available_kernels();
  const auto found = std::find_if(sets.begin(), sets.end(),
                                  [&](const kernel_set* set) { return set->name == name; });
  return found == sets.end() ? nullptr : *found;
}

/// What the kernel says about the first processor.
std::set<std::string> processor_flags() {
  std::ifstream in{"/proc/cpuinfo"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("flags")) {
      std::istringstream words{line};
      return {std::istream_iterator<std::string>{words}, {}};
    }
  return {};
}

/// Runs the test of this name once more, in a new process with this choice in its environment.
bool passes_with(const char* choice, const char* test) {
  const auto child = ::fork();
  if (child < 0)
    throw std::runtime_error("no process");
  if (child == 0) {
    ::setenv("BEAVER_KERNELS", choice, 1);
    const auto only = std::string{"--run_test="} + test;
    ::execl("/proc/self/exe", "vector_tests", only.c_str(), "--report_level=no", nullptr);
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(kernel_choice)

BOOST_AUTO_TEST_CASE(the_baseline_is_always_there_and_the_last) {
  const auto sets = available_kernels();
  BOOST_REQUIRE(!sets.empty());
  BOOST_TEST(sets.back()->name == "baseline");
  BOOST_TEST(available_kernels().data() == sets.data());
}

BOOST_AUTO_TEST_CASE(sets_are_those_that_the_processor_has, *precondition(has_proc)) {
  const auto flags = processor_flags();
  const auto has = [&](std::initializer_list<const char*> names) {
    return std::all_of(names.begin(), names.end(),
                       [&](const char* name) { return flags.contains(name); });
  };
  std::vector<std::string_view> expected{"baseline"};
  if (has({"avx2", "fma", "popcnt"})) {
    expected.insert(expected.begin(), "avx2");
    if (has({"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_vpopcntdq"}))
      expected.insert(expected.begin(), "avx512");
  }
  std::vector<std::string_view> names;
  for (const auto* set : available_kernels())
    names.push_back(set->name);
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_environment_may_name_the_set) {
  const char* name = std::getenv("BEAVER_KERNELS");
  const auto* wanted = name ? named(name) : nullptr;
  BOOST_TEST(best_kernels().name == (wanted ? wanted : available_kernels().front())->name);
}

BOOST_AUTO_TEST_CASE(another_process_may_name_another_set, *precondition(has_proc)) {
  for (const char* choice : {"baseline", "avx2", "avx512", "no such set", ""})
    BOOST_TEST(passes_with(choice, "kernel_choice/the_environment_may_name_the_set"), choice);
}

BOOST_AUTO_TEST_CASE(the_choice_is_read_once) {
  const auto& before = best_kernels();
  const char* given = std::getenv("BEAVER_KERNELS");
  const std::string kept = given ? given : "";
  ::setenv("BEAVER_KERNELS", available_kernels().back()->name.data(), 1);
  BOOST_TEST(&best_kernels() == &before);
  if (given)
    ::setenv("BEAVER_KERNELS", kept.c_str(), 1);
  else
    ::unsetenv("BEAVER_KERNELS");
}

BOOST_AUTO_TEST_SUITE_END()

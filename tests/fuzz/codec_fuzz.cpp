#include "beaver/actors/codec.hpp"
#include "beaver/storage/base64.hpp"
#include "fuzz/fuzz.hpp"

#include <boost/describe/enum.hpp>
#include <chrono>
#include <map>

namespace beaver {

enum class fuzz_colour { red, green };
BOOST_DESCRIBE_ENUM(fuzz_colour, red, green)

struct fuzz_node {
  std::string name;
  std::optional<std::int16_t> small;
  std::vector<fuzz_node> kids;
};
BOOST_DESCRIBE_STRUCT(fuzz_node, (), (name, small, kids))

/// A message with a member of every kind, all optional so that short inputs get far.
struct fuzz_message {
  using reply = void;
  static constexpr endpoint route{verb::post, "/fuzz/{name}", "Everything."};
  std::optional<std::string> name;
  std::optional<std::uint64_t> u;
  std::optional<double> d;
  std::optional<float> f;
  std::optional<bool> b;
  std::optional<fuzz_colour> c;
  std::optional<json_text> j;
  std::optional<bytes> y;
  std::optional<floats> v;
  std::optional<fuzz_node> n;
  std::optional<std::map<std::string, int>> m;
  std::optional<std::pair<int, std::string>> p;
  std::optional<std::variant<int, double, std::vector<std::string>>> a;
  std::optional<std::chrono::milliseconds> t;
  std::optional<std::chrono::system_clock::time_point> w;
};
BOOST_DESCRIBE_STRUCT(fuzz_message, (), (name, u, d, f, b, c, j, y, v, n, m, p, a, t, w))

} // namespace beaver

using namespace beaver;
using namespace beaver::test;

/// Decoding never does worse than to throw; what was decoded strictly is written in normal form and
/// read back as the same.
void beaver::test::fuzz_one(std::string_view given) {
  fuzz_message message{};
  if (succeeds([&] { codec::decode_message<fuzz_message>(&message, given); })) {
    std::string once;
    codec::encode_message<fuzz_message>(&message, once);
    require(json_text{once}.normalised().text() == once);
    fuzz_message back{};
    codec::decode_message<fuzz_message>(&back, once);
    std::string twice;
    codec::encode_message<fuzz_message>(&back, twice);
    require(once == twice);
  }
  // As a model: the text may be anything.
  succeeds(
    [&] {
      json_cursor in{given};
      fuzz_message lenient{};
      codec::decode(in, lenient, codec::place{"x", codec::surplus::ignore, errc::type_mismatch});
      in.finish();
    },
    {errc::invalid_argument, errc::type_mismatch});
  for (const auto& member : codec::members<fuzz_message>())
    succeeds([&] { codec::set_member<fuzz_message>(&message, member.name, given); });
  if (const auto plain = base64::decode(given)) {
    std::string text;
    base64::append(text, *plain);
    require(text == given);
  }
}

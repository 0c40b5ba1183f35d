#include "beaver/tools/arguments.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace beaver::cli {

namespace {

constexpr std::array global_table{
  parameter{"db", form::option, false, "file", "the database file; default: BEAVER_DB"},
  parameter{"url", form::option, false, "string", "of a server, instead; default: BEAVER_URL"},
  parameter{"token", form::option, false, "string", "for the server; default: BEAVER_TOKEN"},
  parameter{"raw", form::flag, false, "boolean", "print JSON on one line on a terminal too"},
  parameter{"help", form::flag, false, "boolean", "print help on what stands before it"},
  parameter{"version", form::flag, false, "boolean", "print the version"},
};

std::string with_dashes(std::string_view name) {
  std::string text{name};
  std::replace(text.begin(), text.end(), '_', '-');
  return text;
}

std::string in_capitals(std::string_view name) {
  std::string text{name};
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return text;
}

/// The option that `written` names or begins, among the global ones and those of a command.
/// Throws usage_error.
const parameter& resolve(const std::string& written, std::span<const parameter> own) {
  const auto wanted = with_dashes(written);
  std::vector<const parameter*> begun;
  std::vector<std::string> known;
  for (const auto list : {own, global_parameters()}) {
    for (const auto& p : list) {
      auto name = p.option();
      if (name == wanted)
        return p;
      if (p.as == form::word && !p.repeats) // whole or not at all
        continue;
      if (wanted.size() > 2 && name.starts_with(wanted))
        begun.push_back(&p);
      known.push_back(std::move(name));
    }
  }
  if (begun.size() == 1)
    return *begun.front();
  if (begun.size() > 1) {
    std::string all;
    for (const auto* p : begun)
      all += (all.empty() ? "" : ", ") + p->option();
    throw usage_error("option '" + written + "' is ambiguous: " + all);
  }
  const std::vector<std::string_view> views(known.begin(), known.end());
  auto hint = suggestion(wanted, views);
  if (!written.starts_with("--"))
    hint = "; write -- before words that begin with '-'";
  throw usage_error("unknown option '" + written + "'" + hint);
}

} // namespace

std::string parameter::option() const { return "--" + with_dashes(name); }

std::span<const parameter> global_parameters() noexcept { return global_table; }

command_line::command_line(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  const auto end_of_options = std::find(tokens_.begin(), tokens_.end(), "--");
  const auto asks = [](const std::string& t) { return t == "--help" || t == "-h"; };
  const auto kept = std::remove_if(tokens_.begin(), end_of_options, asks);
  globals_.help = kept != end_of_options;
  tokens_.erase(kept, end_of_options);
}

/// What stands next; moves over the "--" that ends the options.
command_line::token command_line::peek() {
  if (!options_ended_ && next_ < tokens_.size() && tokens_[next_] == "--") {
    options_ended_ = true;
    ++next_;
  }
  if (next_ == tokens_.size())
    return token::none;
  const auto& t = tokens_[next_];
  if (options_ended_ || t.size() < 2 || t[0] != '-')
    return token::word;
  const bool number = t[1] == '.' || (t[1] >= '0' && t[1] <= '9');
  return number ? token::word : token::option;
}

command_line::given_option command_line::take_option() {
  const auto& t = tokens_[next_++];
  const auto equals = t.find('=');
  if (equals == std::string::npos)
    return {t, {}};
  return {t.substr(0, equals), t.substr(equals + 1)};
}

std::string command_line::value_of(given_option& given) {
  if (given.value)
    return std::move(*given.value);
  if (next_ < tokens_.size() && !tokens_[next_].starts_with("--"))
    return tokens_[next_++];
  throw usage_error("option " + given.name + " needs a value (" + given.name
                    + "=VALUE if the value begins with --)");
}

bool command_line::take_global(given_option& given, const parameter* which) {
  if (which < global_table.data() || which >= global_table.data() + global_table.size())
    return false;
  if (which->as == form::option) {
    auto& value = which->name == "db"    ? globals_.db
                  : which->name == "url" ? globals_.url
                                         : globals_.token;
    if (value)
      throw usage_error("option " + which->option() + " is given twice");
    value = value_of(given);
    return true;
  }
  if (given.value)
    throw usage_error("option " + which->option() + " takes no value");
  (which->name == "raw"    ? globals_.raw
   : which->name == "help" ? globals_.help
                           : globals_.version) = true;
  return true;
}

std::optional<std::string> command_line::next_word() {
  while (peek() == token::option) {
    auto given = take_option();
    try {
      take_global(given, &resolve(given.name, {}));
    } catch (const usage_error&) {
      if (!globals_.help) // who asks for help may have written anything
        throw;
    }
  }
  if (peek() == token::none)
    return {};
  return std::move(tokens_[next_++]);
}

arguments command_line::rest(std::span<const parameter> parameters) {
  arguments result{parameters.size()};
  const auto put = [&](std::size_t at, std::string text) {
    auto& place = result.values_[at];
    if (!place.empty() && !parameters[at].repeats)
      throw usage_error("option " + parameters[at].option() + " is given twice");
    place.push_back(std::move(text));
  };
  const auto is_full = [&](std::size_t at) {
    return parameters[at].as != form::word || !result.values_[at].empty();
  };
  std::size_t last_word = parameters.size(); // takes what words are left over, if it repeats
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (parameters[i].as == form::word)
      last_word = i;
  std::size_t word = 0;
  for (auto kind = peek(); kind != token::none; kind = peek()) {
    if (kind == token::option) {
      auto given = take_option();
      const auto& p = resolve(given.name, parameters);
      if (take_global(given, &p))
        continue;
      const auto at = static_cast<std::size_t>(&p - parameters.data());
      put(at, p.as != form::flag ? value_of(given) : given.value.value_or("true"));
    } else {
      while (word < parameters.size() && parameters[word].as != form::words && is_full(word))
        ++word;
      if (word == parameters.size() && last_word < word && parameters[last_word].repeats) {
        put(last_word, std::move(tokens_[next_++]));
        continue;
      }
      if (word == parameters.size())
        throw usage_error("'" + tokens_[next_] + "' is one argument too many");
      if (parameters[word].as == form::words) {
        result.words_.assign(tokens_.begin() + static_cast<std::ptrdiff_t>(next_), tokens_.end());
        next_ = tokens_.size();
        continue;
      }
      put(word++, std::move(tokens_[next_++]));
    }
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& p = parameters[i];
    if (p.required && (p.as == form::words ? result.words_.empty() : !result.at(i)))
      throw usage_error(
        (p.as == form::word || p.as == form::words ? in_capitals(p.name) : p.option())
        + " is missing");
  }
  return result;
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  // Edits between the beginnings of both words, a swap of two neighbours being one edit.
  const auto distance = [&](std::string_view other) {
    std::vector<std::vector<std::size_t>> d(word.size() + 1,
                                            std::vector<std::size_t>(other.size() + 1));
    for (std::size_t i = 0; i <= word.size(); ++i)
      for (std::size_t j = 0; j <= other.size(); ++j) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1,
                            d[i - 1][j - 1] + (word[i - 1] == other[j - 1] ? 0 : 1)});
        if (i > 1 && j > 1 && word[i - 1] == other[j - 2] && word[i - 2] == other[j - 1])
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    return d[word.size()][other.size()];
  };
  constexpr std::size_t longest = 64; // nobody mistypes that much
  std::string_view best;
  std::size_t least = longest;
  for (const auto other : candidates) {
    if (word.size() > longest)
      break;
    const auto d = distance(other);
    if (d < least && 2 * d <= std::max(word.size(), other.size())) {
      least = d;
      best = other;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  if (const auto best = nearest(word, candidates); !best.empty())
    return "; did you mean '" + std::string{best} + "'?";
  std::string all;
  for (const auto c : candidates)
    all += (all.empty() ? "; known are: " : ", ") + std::string{c};
  return all;
}

} // namespace beaver::cli

#pragma once
// Everything of the sync and async facade. Installed as <beaver/beaver.hpp>.
#include "beaver/api/async.hpp"
#include "beaver/api/blob.hpp"
#include "beaver/api/channel.hpp"
#include "beaver/api/database.hpp"
#include "beaver/api/dict.hpp"
#include "beaver/api/list.hpp"
#include "beaver/api/lock.hpp"
#include "beaver/api/log.hpp"
#include "beaver/api/model.hpp"
#include "beaver/api/options.hpp"
#include "beaver/api/queue.hpp"
#include "beaver/api/result.hpp"

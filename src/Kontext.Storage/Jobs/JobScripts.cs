namespace Kontext.Storage.Jobs;

/// <summary>The atomic steps of <see cref="JobRecords"/>, in Lua: the same on Redis and on Garnet.</summary>
internal static class JobScripts
{
    /// <summary>
    /// Microseconds, although milliseconds would do for order: a number must grow even when Redis has lost the last one
    /// and is asked again within the same millisecond. They stay exact in a double until the year 2255.
    /// </summary>
    private const string Now = "local time = redis.call('TIME') local now = time[1] * 1000000 + time[2] ";

    /// <summary>Keys: term. Returns the new epoch.</summary>
    public const string OpenTerm =
        Now
        + """
            local last = tonumber(redis.call('GET', KEYS[1]) or 0)
            local epoch = string.format('%.0f', math.max(last + 1, now))
            redis.call('SET', KEYS[1], epoch)
            return epoch
            """;

    /// <summary>
    /// Sets what is held for a job, and with it the tenant's sum. It says what is to be, not what to add: whoever says it last,
    /// and however often, nothing is held twice and nothing is left over.
    /// </summary>
    private const string Hold = """
        local function hold(key, job, ms)
          local change = ms - tonumber(redis.call('HGET', key, job) or 0)
          if change == 0 then return end
          if ms == 0 then redis.call('HDEL', key, job) else redis.call('HSET', key, job, string.format('%.0f', ms)) end
          if redis.call('HINCRBY', key, 'total', string.format('%.0f', change)) == 0 then redis.call('HDEL', key, 'total') end
        end

        """;

    /// <summary>
    /// Keys: term, record, open, reserved, waiting of the model, usage, claims, waiting of the tenant, held, list of the
    /// tenant, tenants that have one. Values: epoch, version, phase, JSON, job, score among the waiting or nothing, milliseconds that an ended one is kept, charge, tenant,
    /// milliseconds that accounts are kept, channel of the job, channel of the ended, member among the reserved, milliseconds
    /// held, images, field of images, score in the list. Returns a <see cref="SaveResult"/>.
    /// A save that is there already is answered as the first time: the first answer may have been lost.
    /// </summary>
    public const string Save =
        Hold
        + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 1 end
            local stored = redis.call('HMGET', KEYS[2], 'v', 'p')
            local version = tonumber(stored[1] or 0)
            if version == tonumber(ARGV[2]) and redis.call('HGET', KEYS[2], 'j') == ARGV[4] then return 0 end
            if version + 1 ~= tonumber(ARGV[2]) then return 2 end
            redis.call('HSET', KEYS[2], 'v', ARGV[2], 'p', ARGV[3], 'j', ARGV[4])
            if version == 0 then
              redis.call('ZREM', KEYS[4], ARGV[13])
              redis.call('ZADD', KEYS[10], ARGV[17], ARGV[5])
              redis.call('SADD', KEYS[11], ARGV[9])
            end
            if ARGV[3] == 'ended' then
              redis.call('SREM', KEYS[3], ARGV[5])
              redis.call('PEXPIRE', KEYS[2], ARGV[7])
              redis.call('PEXPIRE', KEYS[7], ARGV[7])
            elseif version == 0 then
              redis.call('SADD', KEYS[3], ARGV[5])
            end
            if ARGV[6] == '' then
              redis.call('ZREM', KEYS[5], ARGV[5])
              redis.call('SREM', KEYS[8], ARGV[5])
            else
              redis.call('ZADD', KEYS[5], ARGV[6], ARGV[5])
              redis.call('SADD', KEYS[8], ARGV[5])
            end
            hold(KEYS[9], ARGV[5], tonumber(ARGV[14]))
            local decided = ARGV[3] ~= 'open' and (version == 0 or stored[2] == 'open')
            if ARGV[8] ~= '0' then
              redis.call('HINCRBYFLOAT', KEYS[6], ARGV[9], ARGV[8])
              redis.call('PEXPIRE', KEYS[6], ARGV[10])
            end
            if decided and ARGV[15] ~= '0' then
              redis.call('HINCRBY', KEYS[6], ARGV[16], ARGV[15])
              redis.call('PEXPIRE', KEYS[6], ARGV[10])
            end
            redis.call('PUBLISH', ARGV[11], ARGV[2])
            if decided then redis.call('PUBLISH', ARGV[12], ARGV[5]) end
            return 0
            """;

    /// <summary>
    /// Keys: record, open, reserved, waiting of the tenant, usage, held. Values: job, member among the reserved, bound, most
    /// waiting or nothing, budget or nothing, milliseconds predicted, tenant. Returns a <see cref="ReserveResult"/>.
    /// The Idempotency-Key of a job that was purged is free again.
    /// </summary>
    public const string Reserve =
        Hold
        + Now
        + """
            if redis.call('HGET', KEYS[1], 'p') == 'purged' then redis.call('DEL', KEYS[1]) end
            if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('ZSCORE', KEYS[3], ARGV[2]) then return 0 end
            if redis.call('SCARD', KEYS[2]) + redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[3]) then return 1 end
            if ARGV[4] ~= '' and redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[4]) then return 2 end
            local predicted = tonumber(ARGV[6])
            if ARGV[5] ~= '' then
              local used = tonumber(redis.call('HGET', KEYS[5], ARGV[7]) or 0)
              local held = tonumber(redis.call('HGET', KEYS[6], 'total') or 0)
              if used + held + predicted > tonumber(ARGV[5]) then return 3 end
            end
            redis.call('ZADD', KEYS[3], string.format('%.0f', now), ARGV[2])
            redis.call('SADD', KEYS[4], ARGV[1])
            hold(KEYS[6], ARGV[1], predicted)
            return 0
            """;

    /// <summary>
    /// Keys: record, reserved, waiting of the tenant, held. Values: job, member among the reserved. A job that has a record
    /// was accepted all the same: only its reservation goes.
    /// </summary>
    public const string Release =
        Hold
        + """
            redis.call('ZREM', KEYS[2], ARGV[2])
            if redis.call('EXISTS', KEYS[1]) == 1 then return end
            redis.call('SREM', KEYS[3], ARGV[1])
            hold(KEYS[4], ARGV[1], 0)
            """;

    /// <summary>Keys: reserved. Values: age in microseconds. Returns members.</summary>
    public const string StaleReservations =
        Now + "return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[1])))";

    /// <summary>
    /// Keys: record, claims, open, waiting, body, purged. Values: job, milliseconds. In the record's place stays, for that
    /// long, one that no save is newer than: a submit that arrives late would begin the job once more.
    /// </summary>
    public const string Purge =
        Now
        + """
            redis.call('DEL', KEYS[1], KEYS[2], KEYS[5])
            redis.call('HSET', KEYS[1], 'v', '9007199254740991', 'p', 'purged')
            redis.call('PEXPIRE', KEYS[1], ARGV[2])
            redis.call('SREM', KEYS[3], ARGV[1])
            redis.call('ZREM', KEYS[4], ARGV[1])
            redis.call('ZADD', KEYS[6], string.format('%.0f', now), ARGV[1])
            return 0
            """;

    /// <summary>Keys: purged. Values: age in microseconds, most. Returns jobs.</summary>
    public const string LatelyPurged =
        Now
        + "return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now - tonumber(ARGV[1])), 'LIMIT', 0, ARGV[2])";

    /// <summary>Keys: body. Values: digest, milliseconds kept. Returns the first digest.</summary>
    public const string FirstBody = """
        local first = redis.call('GET', KEYS[1])
        if first then return first end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return ARGV[1]
        """;
}

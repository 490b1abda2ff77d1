namespace Kontext.Storage.Jobs;

/// <summary>
/// The atomic steps of <see cref="Claims"/>, in Lua: the same on Redis and on Garnet. The claims of a job are one hash;
/// those of a task are the fields <c>task:field</c>:
/// <list type="table">
/// <item><term>n</term><description>number of the latest claim</description></item>
/// <item><term>r</term><description>its run</description></item>
/// <item><term>w, d</term><description>its worker, and the delivery it was made on</description></item>
/// <item><term>l</term><description>until when it is live, microseconds by Redis's clock</description></item>
/// <item><term>s</term><description>its state: running, progressed (a checkpoint was taken), returned, finished</description></item>
/// <item><term>t</term><description>steps taken as of the latest heartbeat</description></item>
/// <item><term>x</term><description>deaths in a row</description></item>
/// <item><term>c, ct, cn</term><description>the latest checkpoint as JSON, its step and its numeric class</description></item>
/// <item><term>f</term><description>the report as JSON</description></item>
/// </list>
/// </summary>
internal static class ClaimScripts
{
    private const string Now = "local time = redis.call('TIME') local now = time[1] * 1000000 + time[2] ";

    /// <summary>
    /// Keys: record, claims. Values: task, run, delivery, 1 if redelivered, worker, lease in microseconds, deaths allowed.
    /// Returns the answer's name and what it carries.
    /// </summary>
    public const string Claim =
        Now
        + """
            if redis.call('HGET', KEYS[1], 'p') ~= 'open' then return {'gone'} end
            local t = ARGV[1] .. ':'
            local known = redis.call('HMGET', KEYS[2], t..'n', t..'r', t..'w', t..'d', t..'l', t..'s', t..'x', t..'c')
            local number, deaths, run = 0, 0, tonumber(ARGV[2])
            local lost, holder = '', ''
            if known[1] then
              number = tonumber(known[1])
              if run < tonumber(known[2]) then return {'gone'} end
              if run == tonumber(known[2]) then
                local state, again = known[6], known[4] == ARGV[3]
                if state == 'finished' then return {'done', redis.call('HGET', KEYS[2], t..'f')} end
                deaths = tonumber(known[7])
                if state == 'running' or state == 'progressed' then
                  if tonumber(known[5]) > now and not (again and ARGV[4] == '1') then
                    if again and known[3] == ARGV[5] then return {'granted', known[1], known[8] or ''} end
                    return {'busy'}
                  end
                  if state == 'running' then deaths = deaths + 1 end
                  lost, holder = known[1], known[3]
                end
              end
            end
            local mine = string.format('%.0f', math.max(number + 1, now))
            redis.call('HSET', KEYS[2], t..'n', mine, t..'r', ARGV[2], t..'w', ARGV[5], t..'d', ARGV[3],
              t..'l', string.format('%.0f', now + tonumber(ARGV[6])), t..'s', 'running', t..'t', '0', t..'x', deaths)
            redis.call('HDEL', KEYS[2], t..'f')
            if deaths >= tonumber(ARGV[7]) then return {'exhausted', mine, deaths} end
            return {'granted', mine, known[8] or '', lost, holder}
            """;

    /// <summary>
    /// Keys: record and claims of each. Values: lease in microseconds, then task, number and step of each. Returns 1 to go
    /// on or 0 for each.
    /// </summary>
    public const string Beat =
        Now
        + """
            local lease, answers = string.format('%.0f', now + tonumber(ARGV[1])), {}
            for i = 1, #KEYS / 2 do
              local claims, t = KEYS[2 * i], ARGV[3 * i - 1] .. ':'
              local known = redis.call('HMGET', claims, t..'n', t..'s')
              answers[i] = 0
              if known[1] == ARGV[3 * i] and (known[2] == 'running' or known[2] == 'progressed')
                and redis.call('HGET', KEYS[2 * i - 1], 'p') == 'open' then
                redis.call('HSET', claims, t..'l', lease, t..'t', ARGV[3 * i + 1])
                answers[i] = 1
              end
            end
            return answers
            """;

    /// <summary>
    /// Keys: claims. Values: task, number, lease in microseconds, checkpoint, its step, its numeric class. Returns whether it
    /// was taken. Progress is a later step, or another class: then the steps of the old one could not be used.
    /// </summary>
    public const string Checkpoint =
        Now
        + """
            local t = ARGV[1] .. ':'
            local known = redis.call('HMGET', KEYS[1], t..'n', t..'s', t..'ct', t..'cn')
            if known[1] ~= ARGV[2] or (known[2] ~= 'running' and known[2] ~= 'progressed') then return 0 end
            if tonumber(ARGV[5]) > tonumber(known[3] or 0) or known[4] ~= ARGV[6] then
              redis.call('HSET', KEYS[1], t..'s', 'progressed', t..'x', '0')
            end
            redis.call('HSET', KEYS[1], t..'c', ARGV[4], t..'ct', ARGV[5], t..'cn', ARGV[6],
              t..'l', string.format('%.0f', now + tonumber(ARGV[3])))
            return 1
            """;

    /// <summary>
    /// Keys: record, claims. Values: task, number, report. Returns whether it was taken. A report that is there
    /// already is taken again: the first answer may have been lost.
    /// </summary>
    public const string Finish = """
        if redis.call('HGET', KEYS[1], 'p') ~= 'open' then return 0 end
        local t = ARGV[1] .. ':'
        local known = redis.call('HMGET', KEYS[2], t..'n', t..'s', t..'f')
        if known[1] ~= ARGV[2] then return 0 end
        if known[2] == 'running' or known[2] == 'progressed' then
          redis.call('HSET', KEYS[2], t..'s', 'finished', t..'f', ARGV[3], t..'l', '0')
          return 1
        end
        if known[3] == ARGV[3] then return 1 end
        return 0
        """;

    /// <summary>Keys: claims. Values: task, number. Returns whether it was the latest.</summary>
    public const string GiveBack = """
        local t = ARGV[1] .. ':'
        local known = redis.call('HMGET', KEYS[1], t..'n', t..'s')
        if known[1] ~= ARGV[2] then return 0 end
        if known[2] == 'running' or known[2] == 'progressed' then
          redis.call('HSET', KEYS[1], t..'s', 'returned', t..'l', '0')
        end
        return 1
        """;

    /// <summary>Keys: claims. Returns the time in microseconds, then fields and values.</summary>
    public const string Read = Now + "return {string.format('%.0f', now), redis.call('HGETALL', KEYS[1])}";
}

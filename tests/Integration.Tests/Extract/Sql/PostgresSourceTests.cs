using Integration.Extract;
using Integration.Extract.Sql;
using Integration.Tests.Support;
using Npgsql;
using Xunit;

namespace Integration.Tests.Extract.Sql;

public sealed class PostgresSourceTests(PostgresCluster cluster) : SourceContract, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pipeline-").FullName;
    private string _database = "";

    public async ValueTask InitializeAsync()
    {
        _database = await cluster.CreateDatabaseAsync(Token);
        await ExecuteAsync("CREATE TABLE record (key text, name text, updated_at timestamptz DEFAULT clock_timestamp())");
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected override async Task PutAsync(IEnumerable<(string Key, string? Name)> records)
    {
        await using var connection = await OpenAsync();
        await using var insert = new NpgsqlCommand("INSERT INTO record (key, name) SELECT * FROM unnest($1, $2)", connection);
        insert.Parameters.Add(new() { Value = records.Select(r => r.Key).ToArray() });
        insert.Parameters.Add(new() { Value = records.Select(r => r.Name).ToArray() });
        await insert.ExecuteNonQueryAsync(Token);
    }

    private protected override ISource Build() => Build("SELECT * FROM record");

    // ---- cells ----

    [Theory]
    [InlineData("'NaN'::numeric", "unreadable")]
    [InlineData("'Infinity'::numeric", "unreadable")]
    [InlineData("12345678901234567890123456789012345678901234567890.5::numeric", "number 12345678901234567890123456789012345678901234567890.5")]
    [InlineData("0.1000::numeric(10,4)", "number 0.1000")]
    [InlineData("9007199254740993::bigint", "integer 9007199254740993")]
    [InlineData("0.1::float8", "number 0.1")]
    [InlineData("'-Infinity'::float8", "unreadable")]
    [InlineData("'infinity'::date", "unreadable")]
    [InlineData("'-infinity'::date", "unreadable")]
    [InlineData("'0044-03-15 BC'::date", "unreadable")]
    [InlineData("'20226-01-01'::date", "unreadable")]
    [InlineData("'586554-01-18'::date", "unreadable")]
    [InlineData("'1975-06-01'::date", "date 1975-06-01")]
    [InlineData("'infinity'::timestamp", "unreadable")]
    [InlineData("'294276-12-31'::timestamp", "unreadable")]
    [InlineData("'0044-03-15 01:02:03 BC'::timestamptz", "unreadable")]
    [InlineData("'2026-03-02 23:59:59.999999'::timestamp", "local 2026-03-02 23:59:59.999999")]
    [InlineData("'2026-03-02 24:00'::timestamp", "local 2026-03-03 00:00:00.000000")]
    [InlineData("'2026-03-02 07:00:00.5+07'::timestamptz", "instant 2026-03-02 00:00:00.500000")]
    [InlineData("'24:00'::time", "24:00:00")]
    [InlineData("'1 month 2 days'::interval", "P1M2D")]
    [InlineData("true", "true")]
    [InlineData("'ab'::char(4)", "ab  ")]
    [InlineData("''", "")]
    [InlineData("NULL::text", null)]
    [InlineData("'{\"b\": 1, \"a\": 1, \"b\": 2}'::json", "{\"b\": 1, \"a\": 1, \"b\": 2}")]
    [InlineData("'c0a80101-0000-4000-8000-000000000001'::uuid", "c0a80101-0000-4000-8000-000000000001")]
    [InlineData("ARRAY[1, NULL]", "unreadable")]
    [InlineData("ROW(1, 'x')", "unreadable")]
    [InlineData("'\\x00ff'::bytea", "unreadable")]
    [InlineData("int4range(1, 5)", "unreadable")]
    [InlineData("'vui'::mood", "vui")]
    [InlineData("'007'::code", "007")]
    [InlineData("'{\"b\": 1, \"a\": 2}'::jsonb", "{\"a\": 2, \"b\": 1}")]
    [InlineData("'<a>b</a>'::xml", "<a>b</a>")]
    [InlineData("'192.168.0.1'::inet", "192.168.0.1")]
    [InlineData("B'101'::bit(3)", "101")]
    [InlineData("'x'::\"char\"", "x")]
    [InlineData("'x'::name", "x")]
    [InlineData("4294967295::oid", "integer 4294967295")]
    [InlineData("7::smallint", "integer 7")]
    [InlineData("0.5::real", "number 0.5")]
    public async Task A_value_is_given_exactly_or_not_at_all(string expression, string? shown)
    {
        await ExecuteAsync("CREATE TYPE mood AS ENUM ('vui'); CREATE DOMAIN code AS varchar(3)");
        await ExecuteAsync("INSERT INTO record (key) VALUES ('K1'), ('K2')");
        await using var source = Build($"SELECT key, updated_at, CASE WHEN key = 'K1' THEN {expression} END AS \"Giá trị\" FROM record");

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.Equal([shown, null], read.Rows.Select(r => r["Giá trị"]));
    }

    [Fact]
    public async Task Numbers_are_written_as_the_server_writes_them()
    {
        await using var source = Build("""
            SELECT n AS key, n AS updated_at, v, v::text AS shown, row_number() OVER () AS line FROM (
                SELECT n, (CASE WHEN n % 2 = 0 THEN -1 ELSE 1 END * (n * 7919 % 100003) * 10::numeric ^ (n % 41 - 20))::numeric(60, 25) v FROM generate_series(1, 2000) n
                UNION ALL SELECT 3000 + n, ('1' || repeat('0', n))::numeric FROM generate_series(0, 20) n
                UNION ALL SELECT 4000 + n, ('-0.' || repeat('0', n) || '1')::numeric FROM generate_series(0, 20) n
                UNION ALL SELECT 5000 + ordinality, v FROM unnest('{0,0.0,0.00000,-0.5,9999.9999,10000,100000000.00001,0.00010,1.00,1e-300,-1e300}'::numeric[]) WITH ORDINALITY u(v, ordinality)
                UNION ALL SELECT 6000, (repeat('9', 131072) || '.' || repeat('7', 16383))::numeric) t (n, v)
            """);

        var read = await source.ReadAllAsync(null, 100, Token);

        Assert.Equal(2000 + 21 + 21 + 11 + 1, read.Rows.Count);
        Assert.All(read.Rows, static r => Assert.Equal($"number {r["shown"]}", r["v"]));
    }

    [Fact]
    public async Task Local_times_of_another_declared_zone_are_moments()
    {
        await ExecuteAsync("INSERT INTO record (key) VALUES ('K1')");
        await using var source = Build("SELECT key, updated_at, '2026-01-01 00:00'::timestamp AS at FROM record", zone: "UTC");

        Assert.Equal("instant 2026-01-01 00:00:00.000000", Assert.Single((await source.ReadAllAsync(null, 10, Token)).Rows)["at"]);
    }

    [Fact]
    public async Task Bytes_that_are_no_text_spoil_one_cell()
    {
        var name = new NpgsqlConnectionStringBuilder(_database).Database + "_ascii";
        await ExecuteAsync($"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0");
        _database = new NpgsqlConnectionStringBuilder(_database) { Database = name }.ToString();
        await ExecuteAsync("CREATE TABLE record (key text, name text, updated_at timestamptz DEFAULT clock_timestamp())");
        await ExecuteAsync("INSERT INTO record (key, name) VALUES ('K1', 'a'), ('K2', convert_from('\\xc328', 'SQL_ASCII')), ('K3', 'c')");
        await using var source = Build();

        var read = await source.ReadAllAsync(null, 2, Token);

        Assert.Equal([("K1", "a"), ("K2", "unreadable"), ("K3", "c")], read.Rows.Select(r => (r["key"], r["name"])));
    }

    // ---- keys, watermarks, children ----

    [Fact]
    public async Task Rows_without_key_or_watermark_are_told_and_the_same_on_every_reading()
    {
        await ExecuteAsync("INSERT INTO record (key, name, updated_at) VALUES ('K1', 'a', now()), (NULL, 'b', now()), ('  ', 'c', now()), ('K4', 'd', NULL), (NULL, 'e', NULL)");
        await using var source = Build();

        var first = await source.ReadAllAsync(null, 2, Token);
        var second = await source.ReadAllAsync(first.Watermark, 1000, Token);

        Assert.Equal("K1", Assert.Single(first.Rows)["key"]);
        Assert.Equal(["key-missing", "key-missing", "key-missing", "watermark-missing"], first.Faults.Select(f => f.Rule).Order(StringComparer.Ordinal));
        Assert.Equal("K4", first.Faults.Single(f => f.Rule == "watermark-missing").Key);
        Assert.Equal(first.Faults.Select(f => f.Key).Order(StringComparer.Ordinal), second.Faults.Select(f => f.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Children_are_lined_up_with_their_parents_by_every_key_column()
    {
        await ExecuteAsync("""
            CREATE TABLE p ("Mã" int, part text, updated_at timestamptz DEFAULT now(), PRIMARY KEY ("Mã", part));
            CREATE TABLE c (p_no bigint, p_part varchar(9), seq int, note jsonb);
            INSERT INTO p VALUES (1, 'a'), (1, 'b"\{},'), (2, 'a');
            INSERT INTO c VALUES (1, 'a', 10, '1'), (1, 'a', 9, '2'), (2, 'a', 1, '{"x": 1}'), (9, 'a', 1, '3'), (1, 'b"\{},', 5, '4')
            """);
        await using var source = Build("SELECT * FROM p", o =>
        {
            o.Key = ["Mã", "part"];
            o.Children["fees"] = new ChildOptions { Query = Query("fees.sql", "SELECT * FROM c -- all of them"), On = ["p_no", "p_part"] };
            o.Children["none"] = new ChildOptions { Query = Query("none.sql", "SELECT * FROM c WHERE false;"), On = ["p_no", "p_part"], OrderBy = ["seq"] };
        });

        var read = await source.ReadAllAsync(null, 2, Token);

        Assert.Equal(3, read.Rows.Count);
        Assert.Equal(
            ["integer 1/a: integer 9, integer 10", "integer 1/b\"\\{},: integer 5", "integer 2/a: integer 1"],
            read.Children.Where(c => c.Set == "fees").Select(c => $"{c.Parent["Mã"]}/{c.Parent["part"]}: {string.Join(", ", c.Rows.Select(r => r["seq"]))}"));
        Assert.All(read.Children.Where(c => c.Set == "none"), c => Assert.Empty(c.Rows));
        Assert.Equal(6, read.Children.Count);
    }

    [Fact]
    public async Task A_record_is_found_by_its_key_with_its_children()
    {
        await ExecuteAsync("CREATE TABLE p (no int, part text, updated_at timestamptz); INSERT INTO p VALUES (1, 'a', NULL), (2, 'b', now())");
        await using var source = Build("SELECT * FROM p", o =>
        {
            o.Key = ["no", "part"];
            o.Children["self"] = new ChildOptions { Query = Query("self.sql", "SELECT * FROM p"), On = ["no", "part"] };
        });

        var page = await source.FindAsync("1|a", Token);

        Assert.Equal((1, 1), (page!.Count, page.Children["self"].Rows.Count));
        Assert.Null(await source.FindAsync("3|a", Token));
        Assert.Null(await source.FindAsync("x|a", Token));
        Assert.Null(await source.FindAsync("1", Token));
    }

    [Fact]
    public async Task A_sweep_shows_every_row_and_says_so()
    {
        await PutAsync(Numbered(1, 25));
        await using var source = Build("SELECT key, name FROM record", o => o.Watermark = null);

        var read = await source.ReadAllAsync(null, 10, Token);

        Assert.True(read.IsComplete);
        Assert.Equal(25, read.Rows.Count);
    }

    // ---- what is asked of the server ----

    [Theory]
    [InlineData("SELECT * FROM record;")]
    [InlineData("SELECT * FROM record -- the end")]
    [InlineData("/* a; b */ WITH r AS (SELECT * FROM record) SELECT * FROM r ; -- done;")]
    [InlineData("SELECT key, name, updated_at FROM record WHERE ';' <> $$)$$ AND E'\\';' <> 'like''' -- ;")]
    public async Task A_query_may_end_as_people_write_it(string query)
    {
        await PutAsync(Numbered(1, 3));
        await using var source = Build(query);

        Assert.Equal(3, (await source.ReadAllAsync(null, 2, Token)).Rows.Count);
    }

    [Theory]
    [InlineData("DELETE FROM record")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT 1) q; DROP TABLE record; --")]
    [InlineData("SELECT 'x")]
    [InlineData("-- nothing")]
    public void Anything_but_one_select_is_refused_before_it_is_sent(string query) => Assert.Throws<SourceBrokenException>(() => Build(query));

    [Fact, Trait("Fault", "C10")]
    public async Task A_query_with_a_side_effect_fails_and_changes_nothing()
    {
        await ExecuteAsync("CREATE SEQUENCE s; CREATE FUNCTION sneak() RETURNS text LANGUAGE sql AS 'DELETE FROM record RETURNING key'");
        await PutAsync(Numbered(1, 3));
        foreach (var effect in new[] { "nextval('s')::text", "sneak()" })
        {
            await using var source = Build($"SELECT key, updated_at, {effect} AS name FROM record");
            var broken = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));
            Assert.Contains("chỉ được đọc", broken.What.Vi, StringComparison.Ordinal);
        }

        Assert.Equal("3", await ScalarAsync("SELECT count(*) FROM record"));
        Assert.Equal("f", await ScalarAsync("SELECT is_called FROM s"));
    }

    [Theory, Trait("Fault", "C6"), Trait("Fault", "C8")]
    [InlineData("ALTER TABLE record DROP COLUMN updated_at", "updated_at")]
    [InlineData("ALTER TABLE record RENAME COLUMN key TO khoa", "key")]
    [InlineData("DROP TABLE record", "record")]
    [InlineData("REVOKE ALL ON record FROM reader", "record")]
    public async Task What_is_missing_is_named(string change, string named)
    {
        await ExecuteAsync("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT SELECT ON record TO reader");
        await using var source = Build("SELECT * FROM record", user: "reader");
        Assert.Empty((await source.ReadAllAsync(null, 10, Token)).Rows);
        await ExecuteAsync(change);

        var broken = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));

        Assert.Contains(named, broken.What.Vi, StringComparison.Ordinal);
        Assert.Contains(named, broken.What.En, StringComparison.Ordinal);
        await ExecuteAsync("DROP OWNED BY reader; DROP ROLE reader");
    }

    [Fact]
    public async Task A_value_that_the_query_cannot_convert_is_not_told()
    {
        await ExecuteAsync("INSERT INTO record (key, name) VALUES ('K1', 'secret-7')");
        await using var source = Build("SELECT key, updated_at, name::int FROM record");

        var broken = await Assert.ThrowsAsync<SourceBrokenException>(() => source.ReadAllAsync(null, 10, Token));

        Assert.DoesNotContain("secret", broken.What.Vi + broken.What.En, StringComparison.Ordinal);
    }

    [Fact, Trait("Fault", "C7")]
    public async Task A_server_that_is_not_there_and_a_connection_cut_are_tried_again()
    {
        // More than sockets hold, so that the server is still sending when it is cut.
        await ExecuteAsync("INSERT INTO record (key, name) SELECT 'K' || i, repeat('x', 1000) FROM generate_series(1, 20000) i");
        await using var nowhere = Build("SELECT * FROM record", port: 1);
        await Assert.ThrowsAsync<SourceUnavailableException>(() => nowhere.ReadAllAsync(null, 10, Token));

        await using var source = Build();
        await using var reading = await source.BeginAsync(Sourcing.Request(null, 10), Token);
        await reading.ReadAsync(Token);
        await ScalarAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{PostgresSession.ApplicationName}' AND datname = current_database()");

        // The page that was read ahead may still come.
        await Assert.ThrowsAsync<SourceUnavailableException>(async () =>
        {
            while (await reading.ReadAsync(Token) is not null)
            {
            }
        });
    }

    [Fact, Trait("Fault", "C9")]
    public async Task A_query_that_takes_too_long_is_stopped_on_the_server()
    {
        await ExecuteAsync("INSERT INTO record (key) VALUES ('K1')");
        await using var source = Build("SELECT key, updated_at, pg_sleep(60)::text AS name FROM record", o => o.Timeout = TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<SourceUnavailableException>(() => source.ReadAllAsync(null, 10, Token));
        Assert.Equal("0", await SessionsAsync());
    }

    [Fact, Trait("Fault", "C10")]
    public async Task Nothing_stays_open_at_the_source_after_a_reading_whatever_its_end()
    {
        await PutAsync(Numbered(1, 30));
        await using var source = Build();
        await source.ReadAllAsync(null, 10, Token);
        Assert.Equal("0", await SessionsAsync());

        await using (var reading = await source.BeginAsync(Sourcing.Request(null, 10), Token))
        {
            await reading.ReadAsync(Token);
            Assert.Equal("1", await SessionsAsync());
        }

        Assert.Equal("0", await SessionsAsync());
        await ExecuteAsync("ALTER TABLE record DROP COLUMN name");
        await using var broken = Build("SELECT key, name, updated_at FROM record");
        await Assert.ThrowsAsync<SourceBrokenException>(() => broken.ReadAllAsync(null, 10, Token));
        Assert.Equal("0", await SessionsAsync());
    }

    [Fact]
    public async Task A_reading_given_up_ends_its_query_on_the_server_too()
    {
        await ExecuteAsync("INSERT INTO record (key, name) SELECT 'K' || i, repeat('x', 1000) FROM generate_series(1, 20000) i");
        await using var source = Build();
        await using (var reading = await source.BeginAsync(Sourcing.Request(null, 10), Token))
        {
            // The rest is more than sockets hold: the server waits to be rid of it.
            Assert.NotNull(await reading.ReadAsync(Token));
        }

        Assert.Equal("0", await SessionsAsync());
        await using var slow = Build("SELECT key, updated_at, pg_sleep(60)::text AS name FROM record");
        await using (var reading = await slow.BeginAsync(Sourcing.Request(null, 10), Token))
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var page = reading.ReadAsync(patience.Token);
            await Until.TrueAsync(
                async () => await ScalarAsync("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND backend_type = 'client backend' AND datname = current_database()") == "1",
                TimeSpan.FromSeconds(30), () => Task.FromResult("the query did not begin"));
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => page);
        }

        Assert.Equal("0", await SessionsAsync());
    }

    private async Task<string?> SessionsAsync()
    {
        // A session ends a moment after its connection was closed.
        var sessions = "";
        for (var look = 0; look < 100 && sessions != "0"; look++)
        {
            sessions = await ScalarAsync($"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{PostgresSession.ApplicationName}' AND datname = current_database()");
            await Task.Delay(5, Token);
        }

        return sessions;
    }

    private SqlSource Build(string query, Action<SqlSourceOptions>? set = null, string? zone = null, string? user = null, int? port = null)
    {
        var options = new SqlSourceOptions { Connection = "Source", Query = Query("query.sql", query), Key = ["key"], Watermark = "updated_at", Settle = TimeSpan.Zero };
        set?.Invoke(options);
        var connection = new NpgsqlConnectionStringBuilder(_database);
        connection.Username = user ?? connection.Username;
        connection.Port = port ?? connection.Port;
        return new SqlSource(options, Sourcing.Context(_folder, new() { ["Provider"] = "postgres", ["ConnectionString"] = connection.ToString(), ["Zone"] = zone }));
    }

    private string Query(string file, string text)
    {
        File.WriteAllText(Path.Combine(_folder, file), text);
        return file;
    }

    private async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(_database + ";Pooling=false");
        await connection.OpenAsync(Token);
        return connection;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Token);
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var connection = await OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        return await command.ExecuteScalarAsync(Token) as string;
    }
}

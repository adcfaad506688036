using Microsoft.Data.Sqlite;

namespace Demo.Province;

/// <summary>What clerks do while the worker runs. Every edit is stamped one second after the youngest record, so it needs no clock.</summary>
internal static class Edits
{
    /// <summary>Changes the note of a dossier; null takes the first clean one that is still open.</summary>
    /// <returns>The dossier's number.</returns>
    public static string EditOneDossier(this SampleProvince province, string? dossierNo = null, string note = "Đã gọi điện hẹn người nộp.")
    {
        using var connection = province.Connect();
        var no = dossierNo ?? CleanOpenDossier(province, connection);
        Require(1, Run(
            connection, "UPDATE dossier SET note = @note, updated_at = @at WHERE dossier_no = @no",
            ("@note", note), ("@at", Later(connection, "dossier")), ("@no", no)));
        return no;
    }

    /// <summary>Puts right what was planted as unknown status: the dossier becomes one in progress.</summary>
    public static void CorrectStatus(this SampleProvince province, string dossierNo, string status = "dang-xu-ly")
    {
        using var connection = province.Connect();
        Require(1, Run(
            connection, "UPDATE dossier SET status = @status, updated_at = @at WHERE dossier_no = @no",
            ("@status", status), ("@at", Later(connection, "dossier")), ("@no", dossierNo)));
    }

    /// <summary>A new dossier like an open, clean one, with its fees and attachments.</summary>
    /// <returns>The new dossier's number.</returns>
    public static string AddDossier(this SampleProvince province)
    {
        using var connection = province.Connect();
        using var transaction = connection.BeginTransaction();
        var like = CleanOpenDossier(province, connection);
        // Numbers of one unit and day go on from 9001: those of the sample stay far below.
        var prefix = like[..^4];
        var no = Read(connection, """
            SELECT @prefix || (1 + max(9000, coalesce(max(CAST(substr(dossier_no, -4) AS integer)), 0)))
            FROM dossier WHERE substr(dossier_no, 1, length(@prefix)) = @prefix
            """, ("@prefix", prefix));
        Run(connection, """
            CREATE TEMP TABLE copy AS SELECT * FROM dossier WHERE dossier_no = @like;
            UPDATE copy SET dossier_no = @no, updated_at = @at;
            INSERT INTO dossier SELECT * FROM copy;
            CREATE TEMP TABLE fee AS SELECT * FROM dossier_fee WHERE dossier_no = @like;
            UPDATE fee SET dossier_no = @no;
            INSERT INTO dossier_fee SELECT * FROM fee;
            CREATE TEMP TABLE attachment AS SELECT * FROM dossier_attachment WHERE dossier_no = @like;
            UPDATE attachment SET dossier_no = @no;
            INSERT INTO dossier_attachment SELECT * FROM attachment;
            """, ("@like", like), ("@no", no), ("@at", Later(connection, "dossier")));
        transaction.Commit();
        return no;
    }

    /// <summary>One more step after the last one of a dossier that has steps.</summary>
    /// <returns>The step's id.</returns>
    public static string AddStep(this SampleProvince province, string dossierNo, string status = "dang-xu-ly", string content = "Chuyển lãnh đạo xem xét")
    {
        using var connection = province.Connect();
        using var transaction = connection.BeginTransaction();
        var at = Later(connection, "progress");
        Require(1, Run(connection, """
            INSERT INTO progress
            SELECT dossier_no || '.' || printf('%02d', step_no + 1), dossier_no, step_no + 1, handler, handler_title, @at, department, @content, @status, @at, due_at, @at
            FROM progress WHERE dossier_no = @no ORDER BY step_no DESC LIMIT 1
            """, ("@at", at), ("@content", content), ("@status", status), ("@no", dossierNo)));
        transaction.Commit();
        return Read(connection, "SELECT step_id FROM progress WHERE dossier_no = @no ORDER BY step_no DESC LIMIT 1", ("@no", dossierNo));
    }

    /// <summary>A service leaves the catalogue; null takes the first integrated one.</summary>
    /// <returns>The service's code.</returns>
    public static string DeleteService(this SampleProvince province, string? serviceCode = null)
    {
        using var connection = province.Connect();
        using var transaction = connection.BeginTransaction();
        var code = serviceCode ?? Read(connection, "SELECT min(service_code) FROM service WHERE integrated = 1");
        Run(connection, """
            DELETE FROM service_agency WHERE service_code = @code;
            DELETE FROM service_channel WHERE service_code = @code;
            DELETE FROM service_fee WHERE service_code = @code;
            """, ("@code", code));
        Require(1, Run(connection, "DELETE FROM service WHERE service_code = @code", ("@code", code)));
        transaction.Commit();
        return code;
    }

    private static string CleanOpenDossier(SampleProvince province, SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT dossier_no FROM dossier WHERE status = 'dang-xu-ly' ORDER BY updated_at DESC, dossier_no";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (province.Dirt.KindOf(PipelineNames.Dossiers, reader.GetString(0)) is null)
            {
                return reader.GetString(0);
            }
        }

        throw new InvalidOperationException("The province has no clean dossier in progress.");
    }

    private static string Later(SqliteConnection connection, string table)
    {
        var youngest = Read(connection, table == "progress" ? "SELECT max(updated_at) FROM progress" : "SELECT max(updated_at) FROM dossier");
        return Insert.Stamp(DateTime.ParseExact(youngest, "yyyy-MM-dd HH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture).AddSeconds(1));
    }

    private static void Require(int expected, int changed)
    {
        if (changed != expected)
        {
            throw new InvalidOperationException("The record to edit is not in the province.");
        }
    }

    private static string Read(SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(connection, sql, values);
        return (string)command.ExecuteScalar()!;
    }

    private static int Run(SqliteConnection connection, string sql, params (string Name, object Value)[] values)
    {
        using var command = Command(connection, sql, values);
        return command.ExecuteNonQuery();
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, (string Name, object Value)[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}

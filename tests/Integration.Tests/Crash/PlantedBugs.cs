namespace Integration.Tests.Crash;

/// <summary>A mistake that is made on purpose in a copy of the sources, to see that the harness finds it.</summary>
/// <param name="File">Below <c>src/Integration</c>.</param>
/// <param name="Old">Stands there exactly once.</param>
/// <param name="Store">Where it can show; null: anywhere.</param>
internal sealed record PlantedBug(string Name, string File, string Old, string New, string? Store = null);

/// <summary>Each of them is a mistake that a careful person has made in a program of this kind.</summary>
internal static class PlantedBugs
{
    public static IReadOnlyList<PlantedBug> All { get; } =
    [
        new("watermark stored before the rows it covers", "Pipelines/RunStore.cs",
            "        var counts = await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);",
            """
                    await ledger.CommitSliceAsync(ticket, run, new Slice { Watermark = slice.Watermark }, cancellationToken);
                    var counts = await ledger.CommitSliceAsync(ticket, run, slice, cancellationToken);
            """),
        new("what one reading passed over is not looked for by the next", "Extract/Sql/Course.cs",
            "({ } old, []) => new Progress(old.To, probe, null),", "({ }, []) => new Progress(reached, probe, null),", "postgres"),
        new("watermark passes transactions that are still open", "Extract/Sql/Course.cs",
            "        if (_horizon.Running.Length == 0)\n", "        if (_horizon.Running.Length >= 0)\n", "postgres"),
        new("an answer that is not understood counts as yes", "Deliver/Dvcqg/ReplyReader.cs",
            "return From(Finding.Of(Verdict.Unknown, code, what), default);", "return From(Finding.Of(Verdict.Accepted, code, what), default);"),
        new("receipts matched by position", "Deliver/Dvcqg/ResultList.cs",
            "Outcome(batch.Items[i], known, index.Sharing(first), words)",
            "Outcome(batch.Items[i], known with { First = entries[Math.Min(i, entries.Count - 1)], Verdict = words.VerdictOf(entries[Math.Min(i, entries.Count - 1)]) }, 1, words)"),
        new("leases never end", "Ledger/Sql/Upkeep.cs", "WHERE until <= @now ORDER BY token", "WHERE until <= @now - 9000000000 ORDER BY token"),
        new("a lease that ended means nothing was sent", "Ledger/Sql/Upkeep.cs", "SET state = 3, not_before = @now", "SET state = 0, not_before = @now"),
        new("news of a record in flight is dropped", "Ledger/Intake.cs",
            "        if (known.Says(kind, hash))\n", "        if (known.Says(kind, hash) || inFlight is not null)\n"),
        new("content that comes back forgets what is in flight", "Ledger/Intake.cs",
            "if (!mayHaveArrived && (inFlight ?? acknowledged) is { } told", "if (!mayHaveArrived && acknowledged is { } told"),
        new("a record that is known is taken for its row", "Ledger/Sql/KnownRows.cs",
            "known[asked[i]] = stored is { } hash && hash == rows[asked[i]].Hash && hash != Guid.Empty;", "known[asked[i]] = stored is not null;"),
        new("a record that left a pack is still found there", "Ledger/Sql/Unpack.cs", "records = records - r.moved, gone = r.now_gone", "records = records - r.moved"),
        new("a file is put away before it is noted as taken", "Pipelines/SyncRun.cs",
            "        if (reading.FinishedFile is { } file)\n        {\n", "        if (reading.FinishedFile is { } file)\n        {\n            await reading.CommittedAsync(cancellationToken);\n"),
        new("bad lines of a file are passed over", "Pipelines/RecordReader.cs", "            slice.Add(ReadFault(fault, slice));\n", "            _ = ReadFault(fault, slice);\n"),
        new("a refusal is stored without its reason", "Ledger/Sql/SliceWork.cs", "        await Rejections.AddAsync(session, rejections);\n", ""),
        new("a whole set with unreadable rows withdraws what it does not show", "Pipelines/SyncRun.cs",
            "if (sweep is not null && unkeyed > 0)", "if (sweep is not null && unkeyed < 0)"),
        new("redirects are followed", "Deliver/HttpConnection.cs", "AllowAutoRedirect = false,", "AllowAutoRedirect = true,"),
        new("the client repeats a call whose connection broke", "Deliver/HttpExchange.cs",
            "            return new HttpReply(body.Begun ? HttpEnd.Broken : HttpEnd.NotReached) {",
            "            return body.Begun ? await PostAsync(uri, head, tail, cancellationToken, stillHeld) : new HttpReply(HttpEnd.NotReached) {"),
        new("a bare 503 counts as turned away", "Deliver/Triage.cs", "503 when retryAfter is not null =>", "503 =>"),
        new("keys are not composed", "Pipelines/RowKey.cs", "return key is not null && !key.IsNormalized() ? key.Normalize() : key;", "return key;"),
        new("a repeat is written anew", "Pipelines/BatchDelivery.cs",
            "items[i] = new DeliveryItem(v.Version, v.Key, v.Payload, v.Memo);",
            "items[i] = new DeliveryItem(v.Version, v.Key, v.Attempts == 0 ? v.Payload : System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(v.Payload.Span).Replace(\"{\", \"{ \", StringComparison.Ordinal)), v.Memo);"),
        new("a look-up that says nothing means absent", "Deliver/Dvcqg/LookUpAnswer.cs",
            "record is { HasValues: false } ? LookUpVerdict.Absent : LookUpVerdict.NoAnswer;", "record is { HasValues: false } ? LookUpVerdict.Absent : LookUpVerdict.Absent;"),
        new("an update is proved by fields it does not change", "Pipelines/Inquiry.cs",
            "LookUpVerdict.SameAsFarAsShown when !withdrawn && isOurCreate", "LookUpVerdict.SameAsFarAsShown when !withdrawn"),
        new("a session's word repeats a batch that was applied", "Deliver/Dvcqg/Portal.cs",
            "if (changes && (reply.Session == SessionSign.WordWithoutCode || reply.Result is { HasValues: true }))", "if (changes && reply.Session == SessionSign.WordWithoutCode)"),
        new("a step goes although one before it is in doubt", "Ledger/Sql/ClaimDue.cs",
            "byGroup[g].TakeWhile(static o => o.Fits)", "byGroup[g].Where(static o => o.Fits)"),
    ];
}

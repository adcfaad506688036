using System.Globalization;

namespace Demo.Province;

/// <summary>The services of the sample province.</summary>
internal static class Catalogue
{
    public const int Services = 1632;

    /// <summary>At level 3 or 4, in the words since Decree 42/2022: một phần or toàn trình.</summary>
    public const int OnlineServices = 835;

    /// <summary>Those that are on the national portal.</summary>
    public const int IntegratedServices = 254;

    private static readonly string[] _onlineLevels = ["toan-trinh", "toan-trinh", "mot-phan", "4", "3"];

    public static IReadOnlyList<Service> Build(Dice dice)
    {
        var order = Shuffle(dice);
        var imported = new DateTime(2026, 1, 15, 23, 0, 0, DateTimeKind.Unspecified);
        var services = new Service[Services];
        for (var rank = 0; rank < Services; rank++)
        {
            var n = order[rank];
            var field = Fields.All[n % Fields.All.Length];
            var paper = field.Papers[n / Fields.All.Length % field.Papers.Length];
            var verb = Fields.Actions[n / (Fields.All.Length * 3) % Fields.Actions.Length];
            var whom = Fields.ForWhom[n / (Fields.All.Length * 3 * Fields.Actions.Length)];
            var (local, national) = Codes(n);
            var integrated = rank < IntegratedServices;
            services[n] = new Service(
                $"DVC.{national}", local, integrated || n % 50 != 7 ? national : null,
                $"{verb} {paper}{whom}", $"Thủ tục {verb.ToLower(CultureInfo.InvariantCulture)} {paper}{whom}",
                field, rank < OnlineServices ? dice.Pick(_onlineLevels) : "2", integrated, field.AtCommune && n % 2 == 0,
                dice.Percent(60) ? dice.Between(1, 40) * 5000 : 0, dice.Between(1, 30),
                // Whole batches share one stamp, as an import leaves them.
                imported.AddDays(rank / 100).AddMicroseconds(rank % 100 < 60 ? 0 : dice.Next(1_000_000)));
        }

        return services;
    }

    private static (string Local, string National) Codes(int n)
    {
        var national = string.Create(CultureInfo.InvariantCulture, $"{1 + (n % 2)}.{300 + (n * 7):000000}");
        var province = n % 5 == 0 ? "H22" : "H60";
        return (n % 3) switch
        {
            0 => ($"{national}.000.00.00.{province}", national),
            1 => ($"{national}.{province}", national),
            _ => (national, national),
        };
    }

    private static int[] Shuffle(Dice dice)
    {
        var order = Enumerable.Range(0, Services).ToArray();
        for (var i = order.Length - 1; i > 0; i--)
        {
            var j = dice.Next(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}

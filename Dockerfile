# syntax=docker/dockerfile:1
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/Integration/Integration.csproj src/Integration/packages.lock.json src/Integration/
RUN dotnet restore src/Integration --locked-mode
COPY src/Integration/ src/Integration/
RUN dotnet publish src/Integration -c Release -p:Shipped=true -o /app

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0
# Vietnamese texts are normalised and Vietnamese time is computed: both need the data that slim images leave out.
RUN apt-get update && apt-get install -y --no-install-recommends libicu-dev tzdata && rm -rf /var/lib/apt/lists/*
WORKDIR /work
COPY --from=build /app /app
COPY mappings/ mappings/
RUN mkdir data && chown "$APP_UID" data
USER $APP_UID
VOLUME /work/data
ENV Http__Url=http://+:8080 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=false
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["/app/integration", "health"]
ENTRYPOINT ["/app/integration"]
CMD ["run"]

# syntax=docker/dockerfile:1
# kontext for NVIDIA GPUs: workers, on CUDA 13 (driver 580 or later). Models are mounted. From the repository's root:
#   docker build -f deploy/docker/gpu.Dockerfile -t kontext-gpu:0.1.0 .
FROM mcr.microsoft.com/dotnet/sdk:10.0.401-noble AS build
WORKDIR /source

# What packages are restored from comes first: while no project file changes, the packages are taken from the cache.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY eng/Source.props eng/
COPY src/Kontext.Cli/Kontext.Cli.csproj src/Kontext.Cli/
COPY src/Kontext.Contracts/Kontext.Contracts.csproj src/Kontext.Contracts/
COPY src/Kontext.Coordinator/Kontext.Coordinator.csproj src/Kontext.Coordinator/
COPY src/Kontext.Flux/Kontext.Flux.csproj src/Kontext.Flux/
COPY src/Kontext.Gateway/Kontext.Gateway.csproj src/Kontext.Gateway/
COPY src/Kontext.Messaging/Kontext.Messaging.csproj src/Kontext.Messaging/
COPY src/Kontext.Outbound/Kontext.Outbound.csproj src/Kontext.Outbound/
COPY src/Kontext.Scheduling/Kontext.Scheduling.csproj src/Kontext.Scheduling/
COPY src/Kontext.Storage/Kontext.Storage.csproj src/Kontext.Storage/
COPY src/Kontext.Worker/Kontext.Worker.csproj src/Kontext.Worker/
RUN dotnet restore src/Kontext.Cli --runtime linux-x64 -p:KontextGpu=true -p:PublishReadyToRun=true

# The page's sample.
COPY models/kontext-tiny/samples models/kontext-tiny/samples
COPY src src
# Compiled ahead of time: a health check is a process of its own and should cost little.
RUN dotnet publish src/Kontext.Cli --no-restore --configuration Release --runtime linux-x64 --no-self-contained -p:KontextGpu=true -p:PublishReadyToRun=true -p:PublishDocumentationFiles=false -p:DebugType=none --output /app
# Where a process may write, besides /tmp, and where models are mounted.
RUN mkdir -p /writable/data /writable/models

FROM mcr.microsoft.com/dotnet/aspnet:10.0.12-noble AS dotnet

# ONNX Runtime's GPU package is built for CUDA 13 and cuDNN 9 since its 1.27. TensorRT is not here: --device cuda.
FROM nvidia/cuda:13.1.1-cudnn-runtime-ubuntu24.04
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libssl3t64 libstdc++6 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=dotnet /usr/share/dotnet /usr/share/dotnet
COPY --from=build --chown=1654:1654 /writable/data /data
COPY --from=build --chown=1654:1654 /writable/models /models
COPY --from=build /app /app
ENV DOTNET_ROOT=/usr/share/dotnet \
    HOME=/data \
    KONTEXT_MODELS=/models \
    PATH=/app:$PATH
WORKDIR /data
USER 1654:1654
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --retries=3 CMD ["/app/kontext", "health"]
# SIGTERM drains: what runs on the host within 30 s is finished or given back.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/app/kontext"]
CMD ["serve"]
# Last, for they change with every build.
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="kontext" \
      org.opencontainers.image.description="FLUX.1 Kontext on a cluster: workers on NVIDIA GPUs" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="nvidia/cuda:13.1.1-cudnn-runtime-ubuntu24.04"

# charlstm on NVIDIA's CUDA image, for a host with a GPU; docs/gpu.md says how to build and run it.
# Images by digest: a tag may become another image. Another CUDA needs both of its images, with --build-arg.
ARG BUILD=nvidia/cuda:12.8.1-devel-ubuntu24.04@sha256:520292dbb4f755fd360766059e62956e9379485d9e073bbd2f6e3c20c270ed66
ARG RUN=nvidia/cuda:12.8.1-cudnn-runtime-ubuntu24.04@sha256:ac55d124da4882b497f732d8dfd9a702d5447a5f29d08d56da6f64f0a1eb34bc
ARG JDK=eclipse-temurin:25-jdk@sha256:97014c4b396021f9ddb7d592a7dbedb0c4e4215c29e03dc01c393558aefb71c2

FROM ${JDK} AS jdk

FROM ${BUILD} AS build
COPY --from=jdk /opt/java/openjdk /opt/java/openjdk
ENV JAVA_HOME=/opt/java/openjdk
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ git maven \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /charlstm
COPY . .
RUN bench/image.sh /image

FROM ${RUN}
# For bench/gpu.sh.
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /image /opt/charlstm
ENV PATH=/opt/charlstm:$PATH
WORKDIR /work
ENTRYPOINT ["charlstm"]
CMD ["doctor"]

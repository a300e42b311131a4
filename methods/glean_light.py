"""LightGLEAN (Chan et al. 2022, arXiv 2207.14812), as we read its abstract."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from methods.base import Need, Toy, Unfit
from methods.glean import OneSize
from methods.networks.glean_light import GLEANLightNet
from methods.networks.stylegan2 import StyleGAN2Generator
from methods.settings.glean_light import GLEANLightSettings
from methods.toys import BANK_WIDTHS, random_weights


class GLEANLight(OneSize[GLEANLightNet]):
    """Of the encoder only its first features, of the bank only its upper levels."""

    Settings = GLEANLightSettings
    settings: GLEANLightSettings

    @classmethod
    def toy(cls, folder: Path) -> Toy:
        def build() -> GLEANLightNet:
            bank = StyleGAN2Generator(32, 16, 2, BANK_WIDTHS)
            return GLEANLightNet(8, bank, channels=8, growth=4, blocks=1)

        return Toy({"network": random_weights(build, folder / "glean-light.safetensors")})

    def needs(self) -> tuple[Need, ...]:
        kind = "glean-light" if self.settings.decoder else "glean-light-bank"
        return (Need("network", (kind,), self.task.scale),)

    def build(self, state_dict: Mapping[str, object]) -> GLEANLightNet:
        return GLEANLightNet.from_state_dict(state_dict)

    def check_variant(self, path: Path, network: GLEANLightNet) -> None:
        if network.has_decoder != self.settings.decoder:
            has, setting = ("a", "true") if network.has_decoder else ("no", "false")
            raise Unfit(
                f"{path} has {has} decoder: run it with --set glean-light.decoder={setting}"
            )

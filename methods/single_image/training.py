"""The training of one of SinGAN's scales on its picture: WGAN-GP and a reconstruction
(Shaham et al. 2019, arXiv 1905.01164, section 2.2).

Source: `train_single_scale` of tamarott/SinGAN, which differentiates one fake in all of an
iteration's generator steps, with weights that have moved on since; torch refuses that since 1.5.
Here, as in what runs today, the fake is made anew in each step, of the same noise. The pictures
that the published code dumps every 500 iterations, which move running statistics, are not made.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Adam
from torch.optim.lr_scheduler import MultiStepLR

from methods.networks.singan import SinGANDiscriminator, SinGANGenerator
from methods.settings.singan import SinGANSettings
from methods.single_image.draws import Draws
from methods.single_image.pyramid import Pyramid
from methods.single_image.trained import LowerScales, TrainedScale


@dataclass(frozen=True)
class Losses:
    """Of the steps of one iteration, each before the step; weights included."""

    discriminator: Tensor  # (steps, 3): -mean D(real), mean D(fake), gradient penalty
    generator: Tensor  # (steps, 2): -mean D(fake), squared error of the reconstruction


class ScaleTraining:
    """Both networks of a scale, which learn its picture in `iterate`."""

    def __init__(
        self,
        real: Tensor,  # (1, 3, H, W) in [-1, 1]
        lower: LowerScales,
        generator: SinGANGenerator,
        discriminator: SinGANDiscriminator,
        settings: SinGANSettings,
        draws: Draws,
    ) -> None:
        self.real, self.lower, self.settings, self.draws = real, lower, settings, draws
        self.generator, self.discriminator = generator.train(), discriminator.train()
        self.weights = [list(network.parameters()) for network in (discriminator, generator)]
        rate, drop = settings.learning_rate, round(settings.rate_drop * settings.steps)
        self.optimisers = [Adam(w, rate, betas=settings.betas) for w in self.weights]
        self.schedules = [MultiStepLR(adam, [drop], 0.1) for adam in self.optimisers]
        self.reconstructed = lower.reconstruction(real.device)
        self.fixed_noise = torch.zeros_like(real)
        error = F.mse_loss(real, self.reconstructed).sqrt()
        self.amplitude = settings.noise_factor * error if lower.scales else torch.ones_like(error)

    @torch.enable_grad()
    def iterate(self) -> Losses:
        """The discriminator's steps, then the generator's, on one noise."""
        is_coarsest = not self.lower.scales
        if is_coarsest:
            self.fixed_noise = self.draws.noise(self.lower.size, is_first=True)
        noise = self.amplitude * self.draws.noise(self.lower.size, is_first=is_coarsest)
        of_discriminator = []
        for _ in range(self.settings.discriminator_steps):
            previous = self.lower.drawn(self.draws)
            of_discriminator.append(self.step_discriminator(noise, previous))
        of_generator = [
            self.step_generator(noise, previous) for _ in range(self.settings.generator_steps)
        ]
        for schedule in self.schedules:
            schedule.step()
        return Losses(torch.stack(of_discriminator), torch.stack(of_generator))

    def step_discriminator(self, noise: Tensor, previous: Tensor) -> Tensor:
        """One step on one fake; its losses (3,)."""
        with torch.no_grad():
            fake = self.generator(noise, previous)
        of_real, of_fake = -self.discriminator(self.real).mean(), self.discriminator(fake).mean()
        mixture = self.draws.mixture()
        penalty = self.settings.penalty_weight * gradient_penalty(
            self.discriminator, mixture * self.real + (1 - mixture) * fake
        )
        return self.stepped(0, torch.stack([of_real, of_fake, penalty]))

    def step_generator(self, noise: Tensor, previous: Tensor) -> Tensor:
        """One step on the same fake, made anew, and on the reconstruction; its losses (2,)."""
        adversarial = -self.discriminator(self.generator(noise, previous)).mean()
        rebuilt = self.generator(self.amplitude * self.fixed_noise, self.reconstructed)
        error = self.settings.reconstruction_weight * F.mse_loss(rebuilt, self.real)
        return self.stepped(1, torch.stack([adversarial, error]))

    def stepped(self, which: int, losses: Tensor) -> Tensor:
        """A step of one network down the sum of these losses."""
        self.optimisers[which].zero_grad()
        losses.sum().backward(inputs=self.weights[which])  # type: ignore[no-untyped-call]
        self.optimisers[which].step()
        return losses.detach()

    def trained(self) -> TrainedScale:
        """The scale as it stands, its generator a copy, in evaluation mode."""
        generator = copy.deepcopy(self.generator).eval().requires_grad_(False)
        return TrainedScale(generator, self.amplitude, self.fixed_noise)


def trainings(
    reals: Sequence[Tensor], pyramid: Pyramid, settings: SinGANSettings, draws: Draws
) -> Iterator[ScaleTraining]:
    """The scales from the coarsest on; each is to be trained before the next is asked for.

    reals: the pictures of the pyramid. A scale as wide as the one below starts with its networks,
    any other with new ones.
    """
    done: list[TrainedScale] = []
    widths = pyramid.widths(settings.narrowest)
    for index, (real, width) in enumerate(zip(reals, widths, strict=True)):
        if not index or width != widths[index - 1]:
            generator, discriminator = SinGANGenerator(width), SinGANDiscriminator(width)
            for network in (generator, discriminator):
                draws.initialise(network)
                network.to(draws.device)
        lower = LowerScales(tuple(done), pyramid.ratio, pyramid.sizes[index])
        training = ScaleTraining(real, lower, generator, discriminator, settings, draws)
        yield training
        done.append(training.trained())


def gradient_penalty(discriminator: SinGANDiscriminator, between: Tensor) -> Tensor:
    """WGAN-GP's, but of the gradient at each pixel: the mean over pixels of its squared distance
    from length 1, over the channels of the pictures `between` (N, 3, H, W)."""
    between = between.detach().requires_grad_()
    scores = discriminator(between)
    (gradient,) = torch.autograd.grad(scores.sum(), between, create_graph=True)
    penalty: Tensor = (gradient.norm(dim=1) - 1).square().mean()
    return penalty
